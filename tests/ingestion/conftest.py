"""One way to run the stage on files written by a test."""

import json
import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import settings as hypothesis_settings

from textgen_core.ingestion.settings import IngestionSettings
from textgen_core.ingestion.stage import ingest

hypothesis_settings.register_profile("patient", deadline=None)  # a loaded machine is no failure
hypothesis_settings.load_profile("patient")


class Result:
    """What a run wrote."""

    def __init__(self, directory: Path, manifest):
        self.directory, self.manifest, self.facts = directory, manifest, manifest.facts
        self.documents, self.rejects, self.duplicates, self.sources = (
            pq.read_table(directory / name).to_pylist() for name in ("documents", "rejects", "duplicates", "sources")
        )

    @property
    def texts(self):
        return [row["text"] for row in self.documents]

    @property
    def codes(self):
        return [row["code"] for row in self.rejects]

    @property
    def bytes(self):
        return self.manifest.digest()


ANY_SPLIT = {"validation": 0.0}
"""Tiny corpora would leave a held-out split empty."""


def run(output: Path, *inputs: object, **options) -> Result:
    options.setdefault("split", ANY_SPLIT)
    options.setdefault("max_reject_share", 1.0)
    settings = IngestionSettings(inputs=tuple(map(str, inputs)), output=output, **options)
    return Result(output, ingest(settings))


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    settle(path)
    return path


def settle(path: Path) -> None:
    """As if the file had been written a while ago: one of the last two seconds is never trusted to be unchanged."""
    then = path.stat().st_mtime_ns - 10**10
    os.utime(path, ns=(then, then))


def jsonl(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def ingested(tmp_path):
    """ingested({"a.txt": "..."}, unit="line"): write the files, run the stage on those and return the result."""

    def do(files, *inputs, **options):
        paths = [write(tmp_path / "in" / name, content) for name, content in files.items()]
        return run(tmp_path / "out", *(inputs or paths), **options)

    return do
