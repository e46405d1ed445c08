"""Lines read many at once give what they give one by one, and what Python's own readers make of them."""

import csv
import json

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from textgen_core.ingestion.readers import READERS, json_blocks, jsonl, quoting, separated
from textgen_core.ingestion.readers.interface import MemoryContent
from textgen_core.ingestion.settings import IngestionOptions

OWN = pa.schema([("n", pa.int64()), ("x", pa.float64()), ("kind", pa.string()), ("yes", pa.bool_())])


def read(kind, content: bytes, own=OWN):
    options = IngestionOptions(inputs=("x",), encoding="utf-8")
    stretches = list(READERS[kind].rows(MemoryContent("x", content, "utf-8"), options, own))
    rows = [row for stretch in stretches for row in stretch.table.to_pylist()]
    return rows, [reject for stretch in stretches for reject in stretch.rejects]


values = st.none() | st.booleans() | st.integers(-(2**64), 2**64) | st.floats() | st.text() | st.just("\ud800")
values |= st.lists(st.integers(), max_size=2) | st.dictionaries(st.text(max_size=2), st.none(), max_size=2)
objects = st.dictionaries(st.sampled_from(["text", "n", "x", "kind", "yes", "other"]), values, max_size=6)
likely = st.fixed_dictionaries(
    {"text": st.text()},
    optional={"n": st.integers(-9, 9), "x": st.floats(-9, 9), "kind": st.text(), "yes": st.booleans()},
)
lines = (objects | likely).map(json.dumps).map(str.encode) | likely.map(
    lambda row: json.dumps(row, ensure_ascii=False).encode()
)
odd = st.sampled_from(
    [b"", b" ", b"{}{}", b'{"text":', b'"a"}', b'{"text": "a"} ', b"[1]", b"\xff", b'{"text":"a","text":"b"}']
)


@settings(max_examples=200)
@given(st.lists(lines | odd, max_size=6), st.booleans())
@example([b'{"text":{}', b'{"text":"a"}'], True)
@example([b"{}{}", b""], True)
@example([b'{"text":"a","x":9007199254740993}'], True)
@example([b'{"text":"a","other":' + b"[" * 5000 + b"]" * 5000 + b"}"], True)
@example([b'{"text":"\xff"}'], True)
def test_json_lines(content, ended):
    content = b"\n".join(content) + b"\n" * ended
    with pytest.MonkeyPatch.context() as patch:
        at_once = read("jsonl", content)
        patch.setattr(jsonl, "rows_of_lines", lambda *arguments: None)
        assert at_once == read("jsonl", content)


def test_json_lines_are_read_at_once(monkeypatch):
    monkeypatch.setattr(jsonl, "_one_by_one", None)
    rows, rejects = read(
        "jsonl", b'{"text": "a", "n": 1}\n{"text": null}\n{"kind": "k", "text": "\\u00e9\\n", "z": [{}]}'
    )
    assert [(row["source_row"], row["text"], row["n"], row["kind"]) for row in rows] == [
        (0, "a", 1, None),
        (2, "é\n", None, "k"),
    ]
    assert [(reject.row, reject.code) for reject in rejects] == [(1, "no-text")]


def test_without_the_look_at_brackets_json_would_be_read_otherwise(monkeypatch):
    """The mutant that shows that the property above can fail."""
    monkeypatch.setattr(json_blocks, "_objects", lambda content: 2)
    assert [row["text"] for row in read("jsonl", b'{"text":"a"}{"text":"b"}\n\n')[0]] == ["a", "b"]


cells = st.text(st.sampled_from('a",\n \0é'), max_size=4)
tables = st.lists(st.text(st.sampled_from('a,"\n') | st.sampled_from('"1,\n é\0'), max_size=12))


@settings(max_examples=300)
@given(tables.map(",".join), st.booleans())
@example('"a\n\n"b",c\n', True)
@example('a"b,c\n"x\n,y",z\n', False)
def test_separated_values(body, ended):
    content = ("text,n\n" + body + "\n" * ended).encode()
    with pytest.MonkeyPatch.context() as patch:
        at_once = read("csv", content)
        patch.setattr(separated, "rows_of_records", lambda *arguments: None)
        one_by_one = read("csv", content)
        patch.setattr(quoting, "_plain_until", lambda *arguments: None)
        assert at_once == one_by_one == read("csv", content)
    rows, rejects = at_once
    numbers = sorted([row["source_row"] for row in rows] + [reject.row for reject in rejects])
    assert numbers == list(range(len(numbers)))


@settings(max_examples=300)
@given(st.text(st.sampled_from('a,"\n "1é'), max_size=30))
def test_records_are_those_of_the_csv_module(text):
    text += "\n"
    try:
        expected = [row for row in csv.reader(text.splitlines(keepends=True), strict=True) if row]
    except csv.Error:
        return
    records = [record for stretch in stretches(text) for record in stretch]
    assert [[value.decode() for value in record] for record in records] == expected


def stretches(text: str):
    found = quoting.stretches([quoting.Frame(text.encode())], b",", 1 << 20)
    return [quoting.records_of(stretch, b",") if isinstance(stretch, bytes) else stretch for stretch in found]


@pytest.mark.parametrize("size", [1, 7, 30, 1000])
def test_one_stray_quote_costs_one_line(size, monkeypatch):
    monkeypatch.setattr(separated, "PIECE_BYTES", size)
    lines = [f"line {n},{n}" for n in range(200)]
    lines[20] = '"never closed,20'
    lines[50] = '"over\ntwo lines",50'
    lines[70] = '"closed" too early,70'
    lines[90] = 'one "literal" quote,90'
    lines[199] = '"open at the end,199'
    rows, rejects = read("csv", ("text,n\n" + "\n".join(lines)).encode())
    assert [(reject.row, reject.code) for reject in rejects] == [(20, "bad-csv"), (70, "bad-csv"), (199, "bad-csv")]
    assert [row["n"] for row in rows] == [n for n in range(200) if n not in (20, 70, 199)]
    assert rows[49]["text"] == "over\ntwo lines"
    assert all(b"line" not in reject.raw for reject in rejects)


def test_a_quoted_value_beyond_the_limit_costs_one_line():
    content = 'text,n\n"open,0\n' + "".join(f"line {n},{n}\n" for n in range(1, 300))
    options = IngestionOptions(inputs=("x",), max_document_bytes=200)
    read = list(READERS["csv"].rows(MemoryContent("x", content.encode()), options, pa.schema([])))
    assert [reject.row for rows in read for reject in rows.rejects] == [0]
    assert sum(rows.table.num_rows for rows in read) == 299
