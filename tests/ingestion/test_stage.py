"""The stage: its key, its facts, kills and resumes, what it writes and what it refuses before it starts."""

import signal
import subprocess
import sys
import time

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

from tests.ingestion.conftest import jsonl, run, write
from textgen_core.datasets.digests import of_value
from textgen_core.datasets.manifest import working_directory
from textgen_core.datasets.schemas import DOCUMENTS, DUPLICATES, REJECTS, SOURCES
from textgen_core.datasets.verify import verify
from textgen_core.errors import InputError, SettingsError
from textgen_core.ingestion import parts
from textgen_core.ingestion.settings import IngestionSettings
from textgen_core.ingestion.source_digests import digests_of
from textgen_core.ingestion.stage import ingest, ingestion_key

GOLDEN = "dba4afe2b877"
"""Beginning of the digest of the golden corpus' documents. If it changes, raise CODE_VERSION."""


def test_schemas_and_verify(ingested):
    result = ingested({"a.txt": "one\n\none\n\n\0"})
    for name, schema in (
        ("documents", DOCUMENTS),
        ("rejects", REJECTS),
        ("duplicates", DUPLICATES),
        ("sources", SOURCES),
    ):
        assert pq.read_schema(result.directory / name / "part-00000.parquet").equals(schema)
    assert verify(result.directory) == []


def test_rows_in_are_documents_rejects_and_duplicates(ingested):
    result = ingested({"a.txt": "one\n\none\n\n\0", "b.jsonl": jsonl({"text": "two"}, {"text": None})})
    facts = result.facts
    assert (facts["rows"], facts["documents"], facts["rejects"], facts["duplicates"]) == (5, 2, 2, 1)
    assert [(row["source"][-7:], row["rows"]) for row in result.sources] == [("n/a.txt", 3), ("b.jsonl", 2)]


def test_every_library_reads_the_parts_by_a_glob(ingested):
    result = ingested({"a.jsonl": jsonl({"text": "one", "stars": 5}, {"text": "two", "stars": 4})}, keep_columns="all")
    glob = str(result.directory / "documents" / "*.parquet")
    assert pd.read_parquet(result.directory / "documents")["stars"].tolist() == [5, 4]
    assert pl.read_parquet(glob)["text"].to_list() == ["one", "two"]
    assert duckdb.sql(f"select count(*) from '{glob}'").fetchall() == [(2,)]


def test_the_key_follows_contents_names_and_settings_only(tmp_path):
    path = write(tmp_path / "a.txt", "text")

    def key(**options):
        return ingestion_key(IngestionSettings(inputs=(str(path),), output=tmp_path / "x", **options)).digest

    first = key()
    assert key() == first
    assert key(previous=tmp_path / "somewhere") == first
    assert key(min_chars=2) != first
    path.write_text("other text")
    assert key() != first


def test_part_and_group_borders_depend_on_rows_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "GROUP_BYTES", 500)
    monkeypatch.setattr(parts, "PART_BYTES", 2000)
    write(tmp_path / "in" / "a.txt", "\n".join(f"line number {n}" for n in range(300)))
    run(tmp_path / "first", tmp_path / "in", unit="line")
    write(tmp_path / "in" / "b.txt", "\n".join(f"another line {n}" for n in range(300)))
    fresh = run(tmp_path / "fresh", tmp_path / "in", unit="line")
    later = run(tmp_path / "later", tmp_path / "in", unit="line", previous=tmp_path / "first")
    assert fresh.bytes == later.bytes
    assert len(list((tmp_path / "fresh" / "documents").iterdir())) > 3


@pytest.mark.parametrize("after", [0.0, 0.15, 0.3])
def test_killed_and_run_again_gives_the_same_bytes(tmp_path, after):
    path = write(tmp_path / "a.txt", "\n".join(f"line number {n} of many" for n in range(300_000)))
    program = "import sys; from pathlib import Path; from tests.ingestion.conftest import run; " + (
        "run(Path(sys.argv[1]), sys.argv[2], unit='line')"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "killed"), str(path)]
    process = subprocess.Popen(command)
    while not working_directory(tmp_path / "killed").exists() and process.poll() is None:
        time.sleep(0.01)
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it ended before it could be killed"
    again = run(tmp_path / "killed", path, unit="line")
    assert again.bytes == run(tmp_path / "undisturbed", path, unit="line").bytes


def test_an_output_inside_an_input_and_an_unknown_encoding_are_refused(tmp_path):
    write(tmp_path / "a.txt", "text")
    with pytest.raises(SettingsError, match="must not lie in an input directory"):
        run(tmp_path / "out", tmp_path)
    with pytest.raises(SettingsError, match="encoding"):
        run(tmp_path / "out", tmp_path / "a.txt", encoding="klingon")


@pytest.mark.parametrize("pattern", ["{}/*", "{}/**", "file://{}/*", "{}/corpus/documents", "{}/corpus"])
def test_what_a_run_wrote_is_no_input_of_the_next(tmp_path, pattern):
    write(tmp_path / "data" / "a.txt", "text")
    run(tmp_path / "data" / "corpus", tmp_path / "data" / "a.txt")
    with pytest.raises(SettingsError, match=r"in the output directory|in an input directory"):
        run(tmp_path / "data" / "corpus", pattern.format(tmp_path / "data"))
    assert run(tmp_path / "other", tmp_path / "data" / "*.txt").texts == ["text"]


@pytest.mark.parametrize("later", ["text and more", "next", ""])
def test_a_source_that_changes_while_it_is_read_is_an_error(tmp_path, monkeypatch, later):
    path = write(tmp_path / "a.txt", "text")

    def digests(*arguments):
        taken = digests_of(*arguments)
        path.write_text(later)
        return taken

    monkeypatch.setattr("textgen_core.ingestion.stage.digests_of", digests)
    with pytest.raises(InputError, match="must not change"):
        run(tmp_path / "out", path)
    assert not (tmp_path / "out").exists()


def test_progress_ends_at_the_total(tmp_path):
    path = write(tmp_path / "a.txt", "text\n\nmore")
    updates = []
    settings = IngestionSettings(inputs=(str(path),), output=tmp_path / "out", split={"validation": 0.0})
    ingest(settings, updates.append)
    assert updates[-1].done == updates[-1].total == path.stat().st_size / 1e6


def test_hashing_large_sources_is_told(tmp_path, monkeypatch):
    path = write(tmp_path / "a.txt", "\n\n".join(f"document {number}" for number in range(1000)))
    monkeypatch.setattr("textgen_core.ingestion.source_digests.SECONDS_BETWEEN_UPDATES", -1)
    monkeypatch.setattr("textgen_core.ingestion.source_digests.BLOCK_BYTES", 4000)
    updates = []
    ingest(IngestionSettings(inputs=(str(path),), output=tmp_path / "out"), updates.append)
    hashing = [update.done for update in updates if update.phase == "hashing"]
    assert hashing == sorted(set(hashing)) and len(hashing) > 3
    assert hashing[-1] == pytest.approx(path.stat().st_size / 1e6)


def test_progress_of_a_source_without_bytes_counts_documents(tmp_path, monkeypatch):
    documents = [("docstring", "m", f"what m.f{number} does") for number in range(1000)]
    monkeypatch.setattr("textgen_core.ingestion.readers.python_docs.documents", lambda: iter(documents))
    monkeypatch.setattr("textgen_core.ingestion.readers.python_docs.digest", lambda: "0")
    monkeypatch.setattr("textgen_core.ingestion.stage.time.monotonic", iter(range(1000)).__next__)
    updates = []
    ingest(IngestionSettings(inputs=("python-docs",), output=tmp_path / "out", max_reject_share=0), updates.append)
    assert [(update.done, update.total, update.unit) for update in updates][:2] == [
        (250, None, "documents"),
        (500, None, "documents"),
    ]
    assert (updates[-1].done, updates[-1].total, updates[-1].values["documents"]) == (1000, 1000, "1000")


def test_memory_urls_are_read_through_fsspec(tmp_path):
    import fsspec

    files = fsspec.filesystem("memory")
    files.pipe("/ingestion/a.txt", b"from memory")
    files.pipe("/ingestion/b.jsonl", jsonl({"text": "and more"}).encode())
    result = run(tmp_path / "out", "memory://ingestion/*")
    assert [(row["source"], row["text"]) for row in result.documents] == [
        ("memory:///ingestion/a.txt", "from memory"),
        ("memory:///ingestion/b.jsonl", "and more"),
    ]


def test_golden_bytes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.txt", "".join(f"Paragraph {n}.\n\n" for n in range(50)))
    write(tmp_path / "b.csv", "text,n\nPargraph 3.,1\nParagraph 3.,2\n")
    result = run(
        tmp_path / "out", "a.txt", "b.csv", split={"validation": 0.2}, keep_columns=("n",), cleaning=("lower",)
    )
    rows = [[row["doc_id"], row["split"], row["text"], row["n"]] for row in result.documents]
    assert of_value(rows).startswith(GOLDEN)


def test_importing_the_stage_loads_nothing_heavy():
    program = "import sys, textgen_core.ingestion.stage; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pandas", "tensorflow", "keras", "prefect", "fsspec", "charset_normalizer"} & set(loaded)
