"""Bad input becomes a row in rejects or one clear error: never a hang, a traceback or silent loss."""

import bz2
import gzip
import json
import lzma
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from tests.ingestion.conftest import jsonl, run, write
from textgen_core.errors import InputError
from textgen_core.ingestion.settings import IngestionOptions

GOOD = {"good.txt": "something to keep\n"}


def parquet_bytes(table, tmp_path):
    pq.write_table(table, tmp_path / "made.parquet")
    return (tmp_path / "made.parquet").read_bytes()


def zstd(content):
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


TEXT = "".join(f"line {n} of a text\n" for n in range(2000)).encode()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.txt", b"", "no-text"),
        ("blank.txt", b" \n\n\t\n", "no-text"),
        ("empty.csv", b"", "no-text"),
        ("header.csv", b"text,n\n", "no-text"),
        ("empty.jsonl", b"", "no-text"),
        ("bad.txt", b"caf\xff\xfe\xfa\n", "undecodable"),
        ("surrogate.txt", b"half \xed\xa0\x80 pair\n", "undecodable"),
        ("surrogate.jsonl", b'{"text": "half \\ud800 pair"}\n', "undecodable"),
        ("bad.jsonl", b'{"text": "caf\xff"}\n', "undecodable"),
        ("bad.csv", b"text\ncaf\xff\n", "undecodable"),
        ("nul.txt", b"a\0b\n", "nul"),
        ("nul.jsonl", b'{"text": "a\\u0000b"}\n', "nul"),
        ("deep.jsonl", b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "too-deep"),
        ("deep2.jsonl", b'{"text": "a", "x": ' + b'{"x":' * 5000 + b"1" + b"}" * 5000 + b"}\n", "too-deep"),
        ("broken.jsonl", b'{"text": "a"\n', "bad-json"),
        ("list.jsonl", b'["a"]\n', "bad-json"),
        ("number.jsonl", b'{"text": 5}\n', "no-text"),
        ("null.jsonl", b'{"text": null}\n', "no-text"),
        ("ragged.csv", b"text,n\na,1,2\n", "wrong-cells"),
        ("open.csv", b'text,n\n"never closed,1\n', "bad-csv"),
        ("blank.csv", b'text,n\n"  ",1\n', "blank"),
        ("cut.txt.gz", gzip.compress(TEXT)[:-200], "damaged"),
        ("cut.txt.bz2", bz2.compress(TEXT)[:-20], "damaged"),
        ("cut.txt.xz", lzma.compress(TEXT)[:-20], "damaged"),
        ("cut.txt.zst", zstd(TEXT)[:-20], "damaged"),
        ("bomb.txt.zst", zstd(bytes(64 << 20)), "too-large"),
        ("bomb.txt.bz2", bz2.compress(bytes(16 << 20)), "too-large"),
        ("footer.parquet", b"PAR1 but no footer", "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_is_one_reject(ingested, name, content, code):
    result = ingested({name: content, **GOOD})
    assert "something to keep" in result.texts
    assert code in result.codes
    reject = next(row for row in result.rejects if row["code"] == code)
    assert reject["source"].endswith(name)
    assert reject["message"]
    assert len(reject["raw"]) <= 256
    facts = result.facts
    assert facts["rows"] == facts["documents"] - facts["cut"] + facts["rejects"] + facts["duplicates"]


def test_parquet_without_rows_and_cut_short(ingested, tmp_path):
    whole = parquet_bytes(pa.table({"text": ["a text"] * 50}), tmp_path)
    empty = parquet_bytes(pa.table({"text": pa.array([], pa.string())}), tmp_path)
    result = ingested(
        {"empty.parquet": empty, "cut.parquet": whole[:-30], "flip.parquet": whole[:40] + b"\xff" * 8, **GOOD}
    )
    assert result.codes == ["damaged", "no-text", "damaged"]


def test_parquet_nulls_and_bytes_that_are_no_text(ingested, tmp_path):
    offsets, content = pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"a\xff")
    texts = pa.concat_arrays([pa.StringArray.from_buffers(2, offsets, content), pa.array([None, "b"], pa.string())])
    result = ingested({"x.parquet": parquet_bytes(pa.table({"text": texts}), tmp_path)})
    assert result.texts == ["a", "b"]
    assert [(row["source_row"], row["code"]) for row in result.rejects] == [(1, "undecodable"), (2, "no-text")]


def test_files_of_another_kind_are_told_in_one_line(tmp_path, caplog):
    for number in range(40):
        write(tmp_path / "in" / f"{number}.py", "x = 1")
    write(tmp_path / "in" / "a.txt", "text")
    assert len(run(tmp_path / "out", tmp_path / "in").codes) == 40
    [said] = [message for message in caplog.messages if ".py" in message]
    assert said.startswith("40 of 41 sources unknown-format: ") and "in/0.py" in said


def test_parquet_that_says_a_long_text_many_times_is_refused_in_little_memory(ingested, tmp_path):
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), pa.array(["x" * 1_000_000]))
    pq.write_table(pa.table({"text": column}), tmp_path / "made.parquet")
    bomb = (tmp_path / "made.parquet").read_bytes()  # 100 GB of text
    assert len(bomb) < 100_000
    result = ingested({"bomb.parquet": bomb, **GOOD}, max_document_bytes=1 << 19)
    assert "something to keep" in result.texts
    assert result.codes[-1] == "too-large"


def test_specials_and_formulas_are_plain_text(ingested):
    rows = [{"text": "before <|endoftext|> after"}, {"text": '=HYPERLINK("http://x","y")'}]
    assert ingested({"x.jsonl": jsonl(*rows)}).texts == [row["text"] for row in rows]


def test_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = ["with space.txt", "a=b.txt", "-leading.txt", "dots..txt", "[1].txt", "ü\u2028.txt"]
    for name in names:
        write(tmp_path / "in" / name, f"text of {name}")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    result = run(tmp_path / "out", *[f"../in/{name}" for name in names])
    assert sorted(row["source"] for row in result.documents) == sorted(f"../in/{name}" for name in names)
    monkeypatch.chdir(tmp_path / "in")
    assert run(tmp_path / "dash", "-leading.txt").texts == ["text of -leading.txt"]


def test_a_name_that_is_no_utf8(tmp_path):
    (tmp_path / "in").mkdir()
    with open(os.fsencode(tmp_path / "in") + b"/\xff.txt", "w") as file:  # noqa: PTH123 - a name in bytes
        file.write("text")
    assert run(tmp_path / "out", tmp_path / "in").documents[0]["source"].endswith("\\xff.txt")


@pytest.mark.timeout(20)
def test_pipes_and_loops(tmp_path):
    folder = tmp_path / "in"
    write(folder / "good.txt", "text")
    os.mkfifo(folder / "pipe.txt")
    (folder / "self.txt").symlink_to("self.txt")
    (folder / "gone.txt").symlink_to("nowhere.txt")
    (folder / "up").symlink_to("..")
    (folder / "again.txt").symlink_to("good.txt")
    result = run(tmp_path / "out", folder)
    assert result.texts == ["text"]
    assert sorted(result.codes) == ["not-a-file", "unreachable", "unreachable"]
    with pytest.raises(InputError, match="not-a-file"):
        run(tmp_path / "alone", folder / "pipe.txt")


def test_unknown_files_in_a_folder_are_refused_but_a_named_one_is_text(tmp_path):
    folder = tmp_path / "in"
    write(folder / "good.txt", "text")
    write(folder / "picture.png", b"\x89PNG")
    write(folder / ".hidden", "hidden")
    assert run(tmp_path / "a", folder).codes == ["unknown-format"]
    path = write(tmp_path / "sentiment.0", "fine\n")
    assert run(tmp_path / "b", path).texts == ["fine"]


def test_deep_objects_are_no_column(ingested):
    deep = b'{"text": "a", "x": ' + b'{"x":' * 400 + b"1" + b"}" * 400 + b"}\n"
    with pytest.raises(InputError, match="nested too deeply"):
        ingested({"x.jsonl": deep}, keep_columns="all")
    assert ingested({"x.jsonl": deep}).texts == ["a"]


def test_too_many_rejects_fail_and_say_why(ingested):
    with pytest.raises(InputError, match=r"at most 10.0%.*50.0%: 1 bad-json.*x.jsonl, row 1: a line.*max_reject_share"):
        ingested({"x.jsonl": jsonl({"text": "a"}) + "{\n"}, max_reject_share=0.1)


def test_rows_refused_on_purpose_are_no_failure(ingested):
    result = ingested({"x.jsonl": jsonl({"text": "long enough"}, {"text": "a"})}, min_chars=3, max_reject_share=0.0)
    assert result.codes == ["min-chars"]


@pytest.mark.parametrize("unit", ["line", "paragraph", "delimiter", "file"])
def test_a_document_beyond_the_limit(ingested, unit):
    text = "short\n\n" + "x" * 5000 + "\n\nlast"
    options = {"unit": unit, "max_document_bytes": 1000, "delimiter": "\n\n"}
    if unit == "file":
        with pytest.raises(InputError, match="1 too-long"):
            ingested({"x.txt": text}, **options)
    else:
        result = ingested({"x.txt": text}, **options)
        assert (result.texts, result.codes) == (["short", "last"], ["too-long"])


def test_no_limit_is_beyond_what_a_column_holds():
    assert IngestionOptions(inputs=("x",), max_document_bytes=2**30).max_document_bytes == 2**30
    with pytest.raises(ValidationError, match="max_document_bytes"):
        IngestionOptions(inputs=("x",), max_document_bytes=2**31)


def test_a_csv_line_beyond_the_limit_is_no_shorter_row(ingested):
    result = ingested({"x.csv": "text\nshort\n" + "x" * 5000 + "\nlast\n"}, max_document_bytes=1000)
    assert (result.texts, result.codes) == (["short", "last"], ["too-long"])


def test_a_missing_input_and_a_wrong_column_are_one_error(ingested, tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        run(tmp_path / "out", tmp_path / "nowhere.txt")
    with pytest.raises(InputError, match="keep_columns"):
        ingested({"x.jsonl": jsonl({"text": "a"})}, keep_columns=("stars",))
    with pytest.raises(InputError, match="must not have the name"):
        ingested({"y.jsonl": jsonl({"text": "a", "doc_id": "1"})}, keep_columns=("doc_id",))


def test_ids_twice_are_two_documents(ingested):
    rows = [{"id": 1, "text": "a"}, {"id": 1, "text": "b"}]
    result = ingested({"x.jsonl": jsonl(*rows)}, keep_columns=("id",))
    assert len({row["doc_id"] for row in result.documents}) == 2
    assert [row["id"] for row in result.documents] == [1, 1]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["x.txt", "x.jsonl", "x.csv"])
def test_a_line_of_a_gigabyte_takes_bounded_memory(tmp_path, name):
    import subprocess
    import sys

    head, tail = {"x.txt": ("good\n", "\nlast\n")}.get(name, (json.dumps({"text": "good"}) + "\n", "\n"))
    if name == "x.csv":
        head, tail = "text\ngood\n", "\nlast\n"
    with (tmp_path / name).open("w") as file:
        file.write(head)
        for _ in range(1024):
            file.write("x" * (1 << 20))
        file.write(tail)
    program = (
        "import re, sys; from tests.ingestion.conftest import run; from pathlib import Path;"
        "r = run(Path(sys.argv[1]) / 'out', Path(sys.argv[1]) / sys.argv[2], unit='line');"
        # Not ru_maxrss, which a process inherits from the one that started it.
        "peak = re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1];"
        "print(r.codes, len(r.texts), int(peak) // 1000)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), name], capture_output=True, text=True, check=True
    )
    codes, _, peak = done.stdout.rsplit(" ", 2)
    assert codes == "['too-long']"
    assert int(peak) < 1000
