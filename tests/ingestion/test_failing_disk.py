"""A disk or a network that fails is not a damaged corpus: nothing is committed, and it is worth trying again."""

import bz2
import errno
import gzip
import io
import lzma
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.ingestion.conftest import run, write
from tests.ingestion.test_hostile import zstd
from textgen_core.errors import InputError
from textgen_core.ingestion.source_digests import digests_of
from textgen_core.ingestion.sources import find_sources

TEXTS = [f"line {number} of a long text, {number**9 % 999_999_937}" for number in range(100_000)]
PLAIN = "\n".join(TEXTS).encode()


def stored_parquet():
    sink = io.BytesIO()
    pq.write_table(pa.table({"text": TEXTS}), sink, row_group_size=8_000)
    return sink.getvalue()


STORED = {
    "x.txt": lambda: PLAIN,
    "x.txt.gz": lambda: gzip.compress(PLAIN),
    "x.txt.bz2": lambda: bz2.compress(PLAIN),
    "x.txt.xz": lambda: lzma.compress(PLAIN, preset=0),
    "x.txt.zst": lambda: zstd(PLAIN),
    "x.parquet": stored_parquet,
}


class Failing:
    """A file that can't be read between two places."""

    def __init__(self, file, first, last):
        self._file, self._first, self._last = file, first, last

    def read(self, size):
        if self._first <= self._file.tell() < self._last:
            raise OSError(errno.EIO, "Input/output error")
        return self._file.read(size)

    def __getattr__(self, name):
        return getattr(self._file, name)


@pytest.mark.parametrize("name", STORED)
@pytest.mark.parametrize("where", [0.0, 0.3])
def test_commits_nothing_and_names_the_cause(tmp_path, monkeypatch, name, where):
    path = write(tmp_path / "in" / name, STORED[name]())
    digests_of(find_sources([str(path)], "auto"), [])  # so that the failure is met when rows are read
    real, size = Path.open, path.stat().st_size

    def failing(self, *arguments, **options):
        file = real(self, *arguments, **options)
        return Failing(file, where * size, 0.9 * size) if self == path else file  # a Parquet footer is read first

    monkeypatch.setattr(Path, "open", failing)
    with pytest.raises(InputError, match=r"readable; received: .*x\..*Input/output error") as caught:
        run(tmp_path / "out", path, unit="line")
    assert isinstance(caught.value.__cause__, OSError)
    assert not (tmp_path / "out").exists()
    monkeypatch.undo()
    assert run(tmp_path / "out", path, unit="line").texts == TEXTS
