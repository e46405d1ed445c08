"""What every reader promises, for every format in READERS."""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from textgen_core.errors import InputError
from textgen_core.ingestion.readers import READERS
from textgen_core.ingestion.readers.interface import MemoryContent
from textgen_core.ingestion.rows import SourceRefused, rows_schema
from textgen_core.ingestion.settings import IngestionOptions

TEXTS = ["first text", "zweiter Text über Käse", "üçüncü metin", "<|endoftext|> and more", "last, with a comma"]


def parquet():
    sink = io.BytesIO()
    pq.write_table(pa.table({"text": TEXTS, "kind": ["k"] * len(TEXTS)}), sink)
    return sink.getvalue()


def separated(separator):
    rows = ["text" + separator + "kind", *(f'"{text}"{separator}k' for text in TEXTS)]
    return "\r\n".join(rows).encode("utf-8-sig")


CONTENT = {
    "txt": "\n\n".join(TEXTS).encode(),
    "jsonl": "".join(json.dumps({"text": text, "kind": "k"}) + "\n" for text in TEXTS).encode(),
    "csv": separated(","),
    "tsv": separated("\t"),
    "parquet": parquet(),
    "python-docs": b"",  # reads the running Python instead
}
OPTIONS = IngestionOptions(inputs=("x",), keep_columns="all")


def read(kind, content=None, own=None):
    content = MemoryContent("x", CONTENT[kind] if content is None else content)
    own = READERS[kind].columns(content, OPTIONS) if own is None else own
    return own, list(READERS[kind].rows(content, OPTIONS, own))


@pytest.fixture(scope="module", params=READERS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def first(kind):
    return read(kind)


def test_every_format_has_an_example(kind):
    assert kind in CONTENT


def test_rows_have_the_announced_schema(first):
    own, stretches = first
    assert all(stretch.table.schema.equals(rows_schema(own)) for stretch in stretches)


def test_texts_come_out_in_order_with_rising_rows(kind, first):
    _, stretches = first
    rows = [row for stretch in stretches for row in stretch.table.to_pylist()]
    numbers = [row["source_row"] for row in rows]
    assert numbers == sorted(set(numbers))
    assert numbers[0] == 0
    assert all(row["text"].strip() for row in rows)
    if kind != "python-docs":
        assert [row["text"] for row in rows] == TEXTS
        assert not any(stretch.rejects for stretch in stretches)


def test_own_columns_are_filled(kind, first):
    own, stretches = first
    if kind == "txt":
        assert len(own) == 0
    else:
        assert "kind" in own.names
        assert all(stretch.table.column("kind").null_count == 0 for stretch in stretches)


def test_a_column_the_source_has_not_is_null(kind, first):
    own = pa.schema([*first[0], pa.field("stranger", pa.int64())])
    if kind == "python-docs":
        pytest.skip(reason="reading it twice takes seconds, and its columns are fixed")
    _, stretches = read(kind, own=own)
    assert all(stretch.table.column("stranger").null_count == stretch.table.num_rows for stretch in stretches)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\xfa\x00\xff", b"\n\n\n", b"PAR1", b"{", b'"'])
def test_garbage_is_refused_and_never_raises_another_error(kind, content):
    if kind == "python-docs":
        pytest.skip(reason="has no content of its own")
    try:
        _, stretches = read(kind, content)
    except SourceRefused as refused:
        assert refused.reject.message
        return
    except InputError as error:
        assert "text_column" in str(error)
        return
    for stretch in stretches:
        assert all(reject.code and reject.message for reject in stretch.rejects)
