"""Writing a dataset whose bytes depend on its rows alone, not on the batches they came in."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from textgen_core.datasets.parts import ROW_GROUP_ROWS, PartWriter

GROUP_BYTES = 16 << 20
"""Text bytes at which a row group ends: some 30,000 documents of 500 bytes, and little memory."""
DISTINCT = ("doc_id", "text", "content_hash")
"""Columns whose values hardly repeat."""
PART_BYTES = 512 << 20
"""Text bytes at which a part ends: 128 to 256 MB on disk, which is what readers in parallel like."""


class Regrouper:
    """Cuts a stream of rows into row groups and parts at places that only the rows decide."""

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self._folder, self._schema = folder, schema
        self._pending: list[pa.Table] = []
        self._pending_bytes = self._pending_rows = 0
        self._part: PartWriter | None = None
        self._part_bytes = self._parts = 0
        self.rows = 0

    def write(self, table: pa.Table) -> None:
        """Append rows."""
        ends = np.cumsum(_row_bytes(table))
        start = 0
        while start < table.num_rows:
            before = ends[start - 1] if start else 0
            full = int(np.searchsorted(ends, before + GROUP_BYTES - self._pending_bytes)) + 1
            stop = min(full, start + ROW_GROUP_ROWS - self._pending_rows, table.num_rows)
            self._pending.append(table.slice(start, stop - start))
            self._pending_rows += stop - start
            self._pending_bytes += int(ends[stop - 1] - before)
            if self._pending_bytes >= GROUP_BYTES or self._pending_rows >= ROW_GROUP_ROWS:
                self._write_group()
            start = stop

    def _write_group(self) -> None:
        if self._part is None:
            self._part = PartWriter(self._folder / f"part-{self._parts:05}.parquet", self._schema, DISTINCT)
        group = pa.concat_tables(self._pending).combine_chunks() if self._pending else self._schema.empty_table()
        self._part.write(group)
        self.rows += group.num_rows
        self._part_bytes += self._pending_bytes
        self._pending, self._pending_bytes, self._pending_rows = [], 0, 0
        if self._part_bytes >= PART_BYTES:
            self._end_part(None, None, None)

    def _end_part(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._part is not None:
            part, self._part = self._part, None
            part.__exit__(kind, error, trace)
            self._parts, self._part_bytes = self._parts + 1, 0

    def __enter__(self) -> Regrouper:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and (self._pending or (not self._parts and self._part is None)):
            self._write_group()
        self._end_part(kind, error, trace)


def _row_bytes(table: pa.Table) -> npt.NDArray[np.int64]:
    """Bytes of text and binary values a row; other columns are small."""
    total = np.full(table.num_rows, 32, np.int64)
    for column in table.columns:
        if pa.types.is_string(column.type) or pa.types.is_binary(column.type):
            total += pc.binary_length(column).fill_null(0).to_numpy()
    return total
