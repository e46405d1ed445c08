"""Reading rows n to m of a dataset, forward, a row group at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from textgen_core.datasets.parts import parts_of
from textgen_core.errors import DatasetError


class RangeReader:
    """The rows of a dataset by number. Keeps the row group it read last: ranges in ascending order read each once."""

    def __init__(self, folder: Path) -> None:
        self._groups: list[tuple[Path, int, int]] = []
        self.schema = pa.schema([])
        for part in parts_of(folder):
            metadata = pq.read_metadata(part)
            self.schema = metadata.schema.to_arrow_schema()
            self._groups += [
                (part, index, metadata.row_group(index).num_rows) for index in range(metadata.num_row_groups)
            ]
        self._last: tuple[tuple[Path, int], pa.Table] | None = None

    def read(self, first: int, count: int) -> Iterator[pa.Table]:
        """Tables of the rows first to first + count - 1."""
        start = 0
        for path, index, rows in self._groups:
            begin, end = max(first - start, 0), min(first + count - start, rows)
            if begin < end:
                yield self._group(path, index).slice(begin, end - begin)
            start += rows
            if start >= first + count:
                return

    def _group(self, path: Path, index: int) -> pa.Table:
        if self._last is None or self._last[0] != (path, index):
            try:
                with pq.ParquetFile(path, page_checksum_verification=True, pre_buffer=False) as file:
                    self._last = (path, index), file.read_row_group(index)
            except (pa.ArrowException, OSError) as error:
                raise DatasetError(
                    "the earlier run must be readable", f"{path}: {error}", "Leave out previous: all is read again then"
                ) from None
        return self._last[1]
