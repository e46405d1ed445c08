"""The types of kept columns: no number loses a digit by being read."""

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingestion.test_formats import read
from textgen_core.ingestion.readers.columns import narrowest, spelt

NARROWEST = [
    (["1234567890123456780", "1234567890123456781"], pa.int64()),
    (["-9223372036854775808", ""], pa.int64()),
    (["9223372036854775808"], pa.string()),
    (["18446744073709551616"], pa.string()),  # a float, as few of its neighbours are
    (["9007199254740993", "0.5"], pa.string()),
    (["9007199254740992", "0.5"], pa.float64()),
    (["1234567890123456768", "0.5"], pa.string()),
    (["0.12345678901234567891"], pa.string()),
    (["1e999"], pa.string()),
    (["3.10", "+1", ".5", "1e3"], pa.float64()),
]


@pytest.mark.parametrize(("cells", "kind"), NARROWEST)
def test_numbers_are_floats_only_where_a_float_keeps_them(cells, kind):
    assert narrowest(cells) == kind


@given(st.lists(st.integers(-(2**70), 2**70) | st.decimals(allow_nan=False, allow_infinity=False), min_size=1))
def test_a_guessed_type_keeps_every_number(values):
    cells = [str(value) for value in values]
    kept = spelt(pa.array(cells), narrowest(cells)).to_pylist()
    assert [Decimal(str(value)) for value in kept] == [Decimal(cell) for cell in cells]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_long_integer_among_floats_is_refused(at_once, monkeypatch):
    if not at_once:
        monkeypatch.setattr("textgen_core.ingestion.readers.separated.rows_of_records", lambda *arguments: None)
    own, ids = pa.schema([("n", pa.float64())]), ["1", "9007199254740992", "9007199254740993", "0.30000000000000001"]
    rows, rejects = read("csv", "text,n\n" + "".join(f"a,{cell}\n" for cell in ids), own=own, keep_columns=("n",))
    assert [row["n"] for row in rows] == [1.0, 2.0**53, 0.3]
    assert [(reject.row, reject.code) for reject in rejects] == [(2, "wrong-type")]
