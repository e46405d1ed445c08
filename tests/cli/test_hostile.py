"""Hostile files on the command line: alone one clear error, beside good text a row in rejects; never a traceback."""

import bz2
import gzip
import io
import json
import lzma
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from textgen_core.datasets.manifest import RunKey
from textgen_core.datasets.stage import run_stage
from textgen_core.models.config import MODEL_FILES

PROSE = "".join(f"line {number} of a text\n\n" for number in range(200)).encode()
DEEP = b"[" * 100_000 + b"]" * 100_000


def parquet(table):
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def zstd(content):
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


WHOLE = parquet(pa.table({"text": [f"text {number}" for number in range(50)]}))
REFUSED = {
    "empty.txt": (b"", "no-text"),
    "empty.csv": (b"", "no-text"),
    "empty.parquet": (parquet(pa.table({"text": pa.array([], pa.string())})), "no-text"),
    "bad.txt": (b"caf\xff", "undecodable"),
    "nul.txt": (b"a\0b", "nul"),
    "half.jsonl": (b'{"text": "half \\ud800"}', "undecodable"),
    "deep.jsonl": (b'{"text": ' + DEEP + b"}", "too-deep"),
    "deep beside.jsonl": (b'{"text": "a", "x": ' + DEEP + b"}", "too-deep"),
    "cut.txt.gz": (gzip.compress(PROSE)[:-20], "damaged"),
    "cut.txt.bz2": (bz2.compress(PROSE)[:-20], "damaged"),
    "cut.txt.xz": (lzma.compress(PROSE)[:-20], "damaged"),
    "cut.parquet": (WHOLE[:-30], "damaged"),
    "no pages.parquet": (WHOLE[:4] + WHOLE[30:], "damaged"),
    "bomb.txt.zst": (zstd(bytes(64 << 20)), "too-large"),
    "open.csv": (b'text,n\n"never closed,1\n', "bad-csv"),
    "pipe.txt": (None, "not-a-file"),
    "self.txt": (None, "unreachable"),
}
READ = {
    "utf16.txt": ("Käse über alles.".encode("utf-16"), ["Käse über alles."]),
    "ends.txt": ("one\r\n\r\ntwo\u2028still\n\nthree\rfour".encode(), ["one", "two\u2028still", "three\nfour"]),
    "ids.jsonl": (b'{"id": 1, "text": "a"}\n{"id": 1, "text": "b"}', ["a", "b"]),
    "with space.txt": (b"text", ["text"]),
    "a=b.txt": (b"text", ["text"]),
    "dots..txt": (b"text", ["text"]),
    "end.txt": (b"before <|endoftext|> after", ["before <|endoftext|> after"]),
    "formula.csv": (b'text\n"=HYPERLINK(""http://x"")"', ['=HYPERLINK("http://x")']),
}


def put(folder, name, content):
    folder.mkdir(exist_ok=True)
    if content is not None:
        (folder / name).write_bytes(content)
    elif name == "pipe.txt":
        os.mkfifo(folder / name)
    else:
        (folder / name).symlink_to(name)
    return folder / name


def clear(err):
    return "Traceback" not in err and "a bug in" not in err


@pytest.mark.parametrize("name", REFUSED)
def test_refused_alone_is_one_error_that_names_the_file(textgen, tmp_path, name):
    content, code = REFUSED[name]
    exit_code, out, err = textgen("ingest", put(tmp_path, name, content), "-o", tmp_path / "out", "--quiet")
    assert (exit_code, out) == (3, "") and clear(err)
    last = err.splitlines()[-1]
    assert name in last and code in last and last.rstrip(".").rpartition(". ")[2]


@pytest.mark.parametrize("name", REFUSED)
def test_refused_beside_good_text_is_one_reject(textgen, tmp_path, name):
    content, code = REFUSED[name]
    put(tmp_path / "in", "good.txt", PROSE)
    put(tmp_path / "in", name, content)
    exit_code, out, err = textgen("ingest", tmp_path / "in", "-o", tmp_path / "out", "--json")
    facts = json.loads(out)["facts"]
    assert exit_code == 0 and clear(err)
    assert (facts["documents"], facts["rejects"], facts[f"rejects_{code}"]) == (200, 1, 1)
    assert facts["rows"] == facts["documents"] + facts["rejects"] + facts["duplicates"]


@pytest.mark.parametrize("name", READ)
def test_read_as_it_is(textgen, tmp_path, name):
    content, texts = READ[name]
    path = put(tmp_path, name, content)
    assert textgen("ingest", path, "-o", tmp_path / "out", "--validation", "0", "--quiet")[0] == 0
    assert pq.read_table(tmp_path / "out" / "documents")["text"].to_pylist() == texts


def test_a_leading_dash_and_two_dots(textgen, tmp_path, monkeypatch):
    put(tmp_path, "-dash.txt", b"text")
    put(tmp_path / "in", "x.txt", b"text")
    monkeypatch.chdir(tmp_path / "in")
    assert textgen("ingest", "../-dash.txt", "-o", "../first", "--validation", "0", "-q")[0] == 0
    monkeypatch.chdir(tmp_path)
    assert textgen("ingest", "-o", "second", "--validation", "0", "-q", "--", "-dash.txt")[0] == 0


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl", "x.parquet"])
def test_a_wrong_column_names_those_there_are(textgen, tmp_path, name):
    content = {"x.csv": b"review\na\n", "x.jsonl": b'{"review": "a"}\n'}
    path = put(tmp_path, name, content.get(name, parquet(pa.table({"review": ["a"]}))))
    code, _, err = textgen("ingest", path, "-o", tmp_path / "out", "-q")
    assert code == 3 and "'review'" in err and "text_column" in err and clear(err)


UNUSABLE_SEEDS = {
    "empty.txt": b"",
    "header.csv": b"prompt,n\n",
    "empty.parquet": parquet(pa.table({"prompt": pa.array([], pa.string())})),
    "wrong.csv": b"review\na\n",
    "twice.csv": b"prompt,prompt\na,b\n",
    "cut.txt.gz": gzip.compress(PROSE)[:-20],
    "cut.parquet": WHOLE[:-30],
    "no pages.parquet": WHOLE[:4] + WHOLE[30:],
    "bomb.txt.zst": zstd(b"\n" * (64 << 20)),
    "picture.png": b"\x89PNG",
    "pipe.txt": None,
    "self.txt": None,
    "nowhere.txt": None,
}


@pytest.mark.parametrize("name", [*UNUSABLE_SEEDS, "memory://seeds.txt"])
def test_a_seed_file_that_cannot_be_used_is_one_error(textgen, tmp_path, name):
    def body(partial):
        for file in MODEL_FILES:
            (partial / file).write_text("{}")
        return {}

    key = RunKey(stage="training", code_version=1, schema_version=1, settings={}, inputs={}, numerics={})
    run_stage(key, tmp_path / "model", body)
    content = UNUSABLE_SEEDS.get(name)
    path = put(tmp_path, name, content) if content is not None or name in ("pipe.txt", "self.txt") else name
    code, out, err = textgen("generate", tmp_path / "model", path, "-o", tmp_path / "out", "-q")
    assert (code, out, len(err.splitlines())) == (3, "", 1) and clear(err)
    assert name.rpartition("/")[2] in err and ". " in err
