"""The split by position: the last characters of each source are held out.

How many characters a source has is known at its end only: until then its rows wait in a scratch file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from textgen_core.ingestion.identity import Hashes, content_hashes, single
from textgen_core.ingestion.rows import rows_schema
from textgen_core.ingestion.settings import SplitSettings
from textgen_core.ingestion.splitting import SPLITS, tail_borders, tail_pieces

_HASH = pa.field("hash", pa.binary(16))


@dataclass(frozen=True, slots=True)
class Pieces:
    """Rows with their splits; a row in which a border falls is there once for each side.

    Attributes:
        rows: as Rows.table.
        hashes: [n, 2] of the texts.
        offsets: [n] the character of its row at which each text begins.
        splits: [n] names.
        cut: rows more than there were before.
    """

    rows: pa.Table
    hashes: Hashes
    offsets: npt.NDArray[np.int64]
    splits: pa.Array
    cut: int


class Tail:
    """Holds the rows of one source after another."""

    def __init__(self, scratch: Path, own: pa.Schema, split: SplitSettings) -> None:
        scratch.mkdir(parents=True, exist_ok=True)
        self._path = scratch / "tail.arrow"
        self._schema = pa.schema([*rows_schema(own), _HASH])
        self._split = split
        self._writer: pa.RecordBatchFileWriter | None = None
        self._characters = 0

    def hold(self, rows: pa.Table, hashes: Hashes) -> None:
        """Keep rows until the source ends."""
        if self._writer is None:
            self._writer = pa.ipc.new_file(str(self._path), self._schema)
        self._writer.write_table(pa.table([*rows.columns, packed(hashes)], schema=self._schema))
        self._characters += pc.sum(pc.utf8_length(rows.column("text"))).as_py()

    def pieces(self) -> Iterator[Pieces]:
        """What was held, with splits, in order; then nothing is held."""
        if self._writer is None:
            return
        self._writer.close()
        borders, start = tail_borders(self._characters, self._split), 0
        with pa.memory_map(str(self._path)) as file:
            reader = pa.ipc.open_file(file)
            for index in range(reader.num_record_batches):
                batch = reader.get_batch(index)
                lengths = pc.utf8_length(batch.column("text")).to_numpy()
                yield _cut(batch, start, lengths, borders)
                start += int(lengths.sum())
        self._writer, self._characters = None, 0
        self._path.unlink()


def _cut(batch: pa.RecordBatch, start: int, lengths: npt.NDArray[np.int64], borders: tuple[int, int]) -> Pieces:
    """The rows of a batch that begins at character `start` of its source."""
    table = pa.Table.from_batches([batch])
    begins = start + np.cumsum(lengths) - lengths
    sides = np.searchsorted(borders, begins, side="right")
    across = np.flatnonzero(sides != np.searchsorted(borders, begins + lengths, side="left"))
    tables, offsets, splits, last = [], [], [], 0
    for row in [*across.tolist(), len(lengths)]:
        tables.append(table.slice(last, row - last))
        offsets.append(np.zeros(row - last, np.int64))
        splits += [SPLITS[side] for side in sides[last:row]]
        last = row + 1
        if row < len(lengths):
            pieces = list(tail_pieces(int(begins[row]), int(lengths[row]), borders))
            tables.append(_exploded(table.slice(row, 1), pieces))
            offsets.append(np.array([begin for _, begin, _ in pieces]))
            splits += [name for name, _, _ in pieces]
    whole = pa.concat_tables(tables).combine_chunks()
    hashes = np.frombuffer(single(whole.column("hash")).buffers()[1], np.uint64)[: 2 * whole.num_rows].reshape(-1, 2)
    rows = whole.drop_columns("hash")
    return Pieces(rows, hashes, np.concatenate(offsets), pa.array(splits, pa.string()), len(splits) - len(lengths))


def _exploded(row: pa.Table, pieces: list[tuple[str, int, int]]) -> pa.Table:
    """One row once for each piece of its text."""
    text = row.column("text")[0].as_py()
    texts = pa.array([text[begin:end] for _, begin, end in pieces], pa.string())
    hashes = content_hashes(texts)
    copies = row.take([0] * len(pieces))
    return copies.set_column(1, "text", texts).set_column(len(row.columns) - 1, _HASH, packed(hashes))


def packed(hashes: Hashes) -> pa.Array:
    """Hashes as an Arrow column."""
    return pa.FixedSizeBinaryArray.from_buffers(_HASH.type, len(hashes), [None, pa.py_buffer(hashes.tobytes())])
