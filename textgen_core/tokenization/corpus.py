"""Reading documents a batch at a time, in memory that the size of the corpus doesn't change."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from textgen_core.datasets.manifest import read_manifest, stage_directory
from textgen_core.datasets.parts import parts_of, read_part

BATCH_BYTES = 1 << 20
"""Compressed bytes of documents read at a time: about 4 MB of text."""


class Corpus:
    """The documents of an ingestion directory."""

    def __init__(self, directory: Path) -> None:
        home = stage_directory(directory)
        entries = [file for file in read_manifest(home).files if file.path.startswith("documents/")]
        self.parts = parts_of(home / "documents")
        self.rows = sum(file.rows or 0 for file in entries)
        row_bytes = sum(file.size for file in entries) / max(self.rows, 1)
        self._batch_rows = max(1, min(10_000, int(BATCH_BYTES / max(row_bytes, 1))))

    def batches(self, part: Path, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The documents of one part."""
        return read_part(part, columns, self._batch_rows)

    def characters(self, split: str) -> int:
        """Characters in a split."""
        return sum(
            pc.sum(batch.filter(_in_split(batch, split))["n_chars"]).as_py() or 0
            for part in self.parts
            for batch in read_part(part, ["split", "n_chars"], batch_rows=100_000)
        )

    def columns(self) -> list[str]:
        """The columns that its parts have, ours and the user's own."""
        return list(dict.fromkeys(name for part in self.parts for name in pq.read_schema(part).names))

    def drawn(self, split: str, limit: int | None = None) -> Iterator[tuple[int, list[str], list[str]]]:
        """(documents read, doc_ids, texts), batch after batch, of a split; see drawn_batches."""
        for read, batch in self.drawn_batches(split, ["text"], limit):
            yield read, batch["doc_id"].to_pylist(), batch["text"].to_pylist()

    def drawn_batches(
        self, split: str, columns: Sequence[str], limit: int | None = None
    ) -> Iterator[tuple[int, pa.RecordBatch]]:
        """(documents read, those chosen of them), batch after batch, with their doc_id and these columns.

        Above limit characters, whole documents are drawn, each by a hash of its id, so that about limit are left; one
        at least.
        """
        bound = None if limit is None else self._bound(split, limit)
        for part in self.parts:
            for batch in self.batches(part, ["doc_id", "split", *columns]):
                chosen = batch.filter(_in_split(batch, split))
                if bound is not None:
                    kept = [_hash(id) <= bound for id in chosen["doc_id"].to_pylist()]
                    chosen = chosen.filter(pa.array(kept, pa.bool_()))
                yield batch.num_rows, chosen

    def _bound(self, split: str, limit: int) -> float | None:
        """The highest hash of a document that is drawn; None for all."""
        total = self.characters(split)
        if total <= limit:
            return None
        lowest = min(
            (
                _hash(id)
                for part in self.parts
                for batch in read_part(part, ["doc_id", "split"], batch_rows=100_000)
                for id in batch.filter(_in_split(batch, split))["doc_id"].to_pylist()
            ),
            default=0,
        )
        return max(lowest, limit / total * 2**32)


def _hash(id: str) -> int:
    return zlib.crc32(id.encode())


def _in_split(batch: pa.RecordBatch, split: str) -> pa.Array:
    return pc.equal(batch["split"], split)
