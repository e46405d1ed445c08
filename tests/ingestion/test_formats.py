"""Whatever text goes into a file of a format comes out of it."""

import csv
import io
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.errors import InputError
from textgen_core.ingestion.encodings import utf8_blocks
from textgen_core.ingestion.readers import READERS
from textgen_core.ingestion.readers.interface import MemoryContent
from textgen_core.ingestion.settings import IngestionOptions

# Readers pass on NUL and blank texts (a later step refuses those) and turn CR into LF.
characters = st.characters(exclude_characters="\r", exclude_categories=["Cs"])
texts = st.lists(st.text(characters, min_size=1), min_size=1, max_size=8)
numbers = st.integers(-(10**15), 10**15)


def read(kind, content, own=None, **options):
    options = IngestionOptions(inputs=("x",), **options)
    if not isinstance(content, Chopped):
        content = MemoryContent("x", content.encode() if isinstance(content, str) else content)
    reader = READERS[kind]
    own = reader.columns(content, options) if own is None else own
    rows, rejects = [], []
    for stretch in reader.rows(content, options, own):
        rows += stretch.table.to_pylist()
        rejects += stretch.rejects
    return rows, rejects


@given(texts)
def test_jsonl(values):
    lines = "".join(json.dumps({"text": value}, ensure_ascii=len(value) % 2 == 0) + "\n" for value in values)
    rows, rejects = read("jsonl", lines)
    assert [row["text"] for row in rows] == values
    assert [row["source_row"] for row in rows] == list(range(len(values)))
    assert not rejects


@given(
    st.lists(st.tuples(st.text(characters.filter(lambda c: c != "\0"), min_size=1), numbers), min_size=1, max_size=8)
)
def test_csv_and_tsv(pairs):
    for kind, delimiter in (("csv", ","), ("tsv", "\t")):
        file = io.StringIO()
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
        writer.writerows([("stars", "text"), *((number, text) for text, number in pairs)])
        rows, rejects = read(kind, file.getvalue(), keep_columns="all")
        assert [(row["text"], row["stars"]) for row in rows] == [(text.replace("\r", "\n"), n) for text, n in pairs]
        assert not rejects


@given(texts)
def test_parquet(values):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.parquet"
        pq.write_table(pa.table({"text": values, "place": list(range(len(values)))}), path, row_group_size=3)
        rows, rejects = read("parquet", path.read_bytes(), keep_columns=("place",))
    assert [(row["text"], row["place"]) for row in rows] == list(zip(values, range(len(values)), strict=True))
    assert not rejects


@given(st.lists(st.text(characters.filter(lambda c: c != "\n"))))
def test_lines(values):
    rows, _ = read("txt", "".join(value + "\n" for value in values), unit="line")
    assert [(row["source_row"], row["text"]) for row in rows] == [
        (number, value) for number, value in enumerate(values) if value.strip()
    ]


@given(st.text(characters))
def test_file(text):
    rows, _ = read("txt", text, unit="file", encoding="utf-8")
    text = text.removeprefix("\ufeff")  # a byte order mark
    assert [row["text"] for row in rows] == ([text] if text.strip() else [])


@given(st.lists(st.text(characters.filter(lambda c: c != "|"))))
def test_delimiter(values):
    rows, _ = read("txt", "|".join(values), unit="delimiter", delimiter="|")
    assert [row["text"] for row in rows] == [value for value in values if value.strip()]


lines = st.text(characters.filter(lambda c: c != "\n"), min_size=1).filter(lambda line: line.strip(" \t") != "")
blank = st.sampled_from(["\n", " \n", "\t\n", "\n\n", "\n \n\n"])


@given(st.lists(st.tuples(st.lists(lines, min_size=1, max_size=3), blank), min_size=1))
def test_paragraphs(paragraphs):
    text = "".join("\n".join(lines) + "\n" + blank for lines, blank in paragraphs)
    rows, _ = read("txt", text)
    assert [row["text"] for row in rows] == ["\n".join(lines) for lines, _ in paragraphs]
    assert [row["source_row"] for row in rows] == list(range(len(paragraphs)))


@dataclass(frozen=True)
class Chopped:
    """Content that comes in blocks of a few bytes."""

    name: str
    stored: bytes
    size: int

    def blocks(self):
        return utf8_blocks((self.stored[i : i + self.size] for i in range(0, len(self.stored), self.size)), "auto")


@settings(max_examples=60)
@given(
    st.text(st.sampled_from("ab \n\r\té\u2028"), max_size=60), st.integers(4, 9), st.sampled_from(["paragraph", "line"])
)
def test_where_blocks_end_changes_nothing(text, size, unit):
    options = IngestionOptions(inputs=("x",), unit=unit)
    whole, chopped = MemoryContent("x", text.encode()), Chopped("x", text.encode(), size)
    both = [
        [row for stretch in READERS["txt"].rows(content, options, pa.schema([])) for row in stretch.table.to_pylist()]
        for content in (whole, chopped)
    ]
    assert both[0] == both[1]


@given(st.integers(4, 9))
def test_line_ends_inside_quotes_are_kept_wherever_blocks_end(size):
    text = 'text\n"one\n\ntwo\nthree"\nfour\n'
    options = IngestionOptions(inputs=("x",))
    stretches = READERS["csv"].rows(Chopped("x", text.encode(), size), options, pa.schema([]))
    assert [row["text"] for rows in stretches for row in rows.table.to_pylist()] == ["one\n\ntwo\nthree", "four"]


def test_own_columns_keep_their_types(tmp_path):
    table = pa.table(
        {
            "text": pa.array(["a", "b"], pa.large_string()),
            "stars": pa.array([5, None], pa.int8()),
            "when": pa.array([0, 1], pa.timestamp("us")),
            "tags": pa.array([["x"], []], pa.list_(pa.string())),
            "kind": pa.array(["k", "k"]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "x.parquet")
    content = MemoryContent("x", (tmp_path / "x.parquet").read_bytes())
    schema = READERS["parquet"].columns(content, IngestionOptions(inputs=("x",), keep_columns="all"))
    assert schema.types == [pa.int8(), pa.timestamp("us"), pa.list_(pa.string()), pa.string()]


def test_csv_types_are_the_narrowest_that_give_the_value_back():
    content = "text,stars,score,zip,yes,when\na,5,0.5,0123,true,31-Jul-18\nb,,1,9,false,\n"
    rows, _ = read("csv", content, keep_columns="all")
    assert rows == [
        {"source_row": 0, "text": "a", "stars": 5, "score": 0.5, "zip": "0123", "yes": True, "when": "31-Jul-18"},
        {"source_row": 1, "text": "b", "stars": None, "score": 1.0, "zip": "9", "yes": False, "when": None},
    ]


def test_declared_types_win():
    rows, _ = read("csv", "text,stars\na,5\n", keep_columns=("stars",), column_types={"stars": "string"})
    assert rows[0]["stars"] == "5"


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_value_of_another_type_than_the_first_rows_is_refused(kind):
    content = {"csv": "text,n\na,1\nb,x\n", "jsonl": '{"text":"a","n":1}\n{"text":"b","n":"x"}\n'}[kind]
    rows, rejects = read(kind, content, own=pa.schema([("n", pa.int64())]), keep_columns=("n",))
    assert [row["text"] for row in rows] == ["a"]
    assert [(reject.row, reject.code) for reject in rejects] == [(1, "wrong-type")]


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet"])
def test_a_wrong_text_column_names_those_there_are(kind, tmp_path):
    pq.write_table(pa.table({"review": ["a"]}), tmp_path / "x.parquet")
    content = {"jsonl": b'{"review": "a"}\n', "parquet": (tmp_path / "x.parquet").read_bytes()}
    with pytest.raises(InputError, match="'review'"):
        read(kind, content.get(kind, b"review\na\n"))


OTHER = [
    (0.5, "int64"),
    (True, "int64"),
    (True, "float64"),
    (2**53 + 1, "float64"),
    (1, "bool"),
    ("x", "int64"),
    ([1], "int64"),
]


@pytest.mark.parametrize(("value", "kind"), OTHER)
def test_no_value_loses_by_its_column(value, kind):
    lines = [{"text": "a", "n": None}, {"text": "b", "n": value}, {"text": "c", "n": None}]
    options = {"keep_columns": ("n",), "column_types": {"n": kind}}
    rows, rejects = read("jsonl", "".join(json.dumps(line) + "\n" for line in lines), **options)
    assert [row["text"] for row in rows] == ["a", "c"]
    assert [(reject.row, reject.code) for reject in rejects] == [(1, "wrong-type")]


def test_values_that_spell_a_number_are_one():
    lines = "".join(json.dumps({"text": "a", "n": value}) + "\n" for value in (5, "5", 5.0, "", None))
    rows, _ = read("jsonl", lines, keep_columns=("n",), column_types={"n": "int64"})
    assert [row["n"] for row in rows] == [5, 5, 5, None, None]
    rows, _ = read("jsonl", lines, keep_columns=("n",), column_types={"n": "string"})
    assert [row["n"] for row in rows] == ["5", "5", "5.0", "", None]


def test_mixed_types_in_jsonl_name_the_column():
    with pytest.raises(InputError, match="column_types"):
        read("jsonl", '{"text":"a","n":1}\n{"text":"b","n":"x"}\n', keep_columns=("n",))


@pytest.mark.parametrize("odd", [False, True])
def test_a_json_key_that_comes_late_is_kept(odd, monkeypatch):
    monkeypatch.setattr("textgen_core.ingestion.readers.jsonl.PIECE_BYTES", 100)
    rows = [{"text": f"text {n}", "n": n, "when": "2020-01-01", "empty": {}, "o": {"a": n}} for n in range(50)]
    late = [
        {"text": "last", "n": 0.5, "late": True, "o": {"a": 0, "b": ["x"]}},
        {"text": "x" * 200, "n": None},
        {"text": "bad", "n": "x"},
    ]
    content = "".join(json.dumps(row) + "\n" for row in rows + late) + "{\n" * odd
    read_rows, rejects = read("jsonl", Chopped("x", content.encode(), 100), keep_columns="all")
    assert [row["late"] for row in read_rows] == [None] * 50 + [True, None]
    assert [row["n"] for row in read_rows] == [*map(float, range(50)), 0.5, None]
    assert read_rows[0]["when"] == "2020-01-01"
    assert read_rows[0]["empty"] == "{}"
    assert [row["o"]["b"] for row in read_rows[:51]] == [None] * 50 + [["x"]]
    assert [(reject.row, reject.code) for reject in rejects] == [(52, "wrong-type"), (53, "bad-json")][: 1 + odd]


def test_a_named_json_column_may_come_late(monkeypatch):
    monkeypatch.setattr("textgen_core.ingestion.readers.jsonl.PIECE_BYTES", 100)
    content = "".join(json.dumps({"text": f"text {n}"} | ({"stars": 5} if n == 40 else {})) + "\n" for n in range(50))
    rows, _ = read("jsonl", Chopped("x", content.encode(), 100), keep_columns=("stars",))
    assert [row["stars"] for row in rows if row["stars"] is not None] == [5]


def test_names_used_as_data_and_names_of_half_characters_are_one_error():
    with pytest.raises(InputError, match="keep_columns"):
        read(
            "jsonl", "".join(json.dumps({"text": "a", f"user {n}": n}) + "\n" for n in range(1001)), keep_columns="all"
        )
    for kind, content in (("jsonl", b'{"text": "a", "\\ud800": 1}\n'), ("csv", b"text,caf\xe9\na,1\n")):
        with pytest.raises(InputError, match="half of one"):
            read(kind, content, keep_columns="all")
        assert [row["text"] for row in read(kind, content)[0]] == ["a"]
    with pytest.raises(InputError, match=r"'caf\\udce9' twice"):
        read("csv", b"text,caf\xe9,caf\xe9\na,1,2\n")
