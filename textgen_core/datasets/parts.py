"""Writing and reading Parquet parts. A part under its final name is whole, durable and was read back once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from textgen_core.datasets.schemas import SCHEMA_VERSION
from textgen_core.datasets.stage import sync_directory
from textgen_core.errors import DatasetError

ROW_GROUP_ROWS = 100_000
"""Rows a row group: large enough to compress and scan well, small enough to hold in memory."""

READ_BYTES = 1 << 20
"""Bytes of a column read at once: without this limit a whole row group's are."""

CHECKED_ROWS = 2_000
"""Rows a batch where a part is only read to be checked: small and no slower."""

CHECKED_BYTES = 1 << 22
"""Encoded bytes of such a batch; decoded they are some times as many. Rows may be whole books."""


class PartWriter:
    """Writes one part; it appears under its final name only when the block ends without an exception.

    Args:
        distinct: columns whose values hardly repeat: no dictionary is tried for them, which would cost time and space.

    Example:
        with PartWriter(folder / "part-00000.parquet", schema) as part:
            part.write(table)
    """

    def __init__(self, path: Path, schema: pa.Schema, distinct: Sequence[str] = ()) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._temporary = path.with_name(f".{path.name}.tmp")
        self._schema = schema.with_metadata({"schema_version": str(SCHEMA_VERSION)})
        self._writer = pq.ParquetWriter(
            self._temporary,
            self._schema,
            compression="zstd",
            use_dictionary=[name for name in schema.names if name not in distinct] if distinct else True,
            write_page_checksum=True,
            store_schema=True,
        )
        self.rows = 0

    def write(self, rows: pa.Table | pa.RecordBatch | Sequence[dict[str, Any]]) -> None:
        """Append rows: a table or batch with this schema, or dictionaries by column name."""
        table = self._as_table(rows)
        self._writer.write_table(table, row_group_size=ROW_GROUP_ROWS)
        self.rows += table.num_rows

    def _as_table(self, rows: pa.Table | pa.RecordBatch | Sequence[dict[str, Any]]) -> pa.Table:
        if isinstance(rows, pa.RecordBatch):
            rows = pa.Table.from_batches([rows])
        if not isinstance(rows, pa.Table):
            return pa.Table.from_pylist(list(rows), schema=self._schema)
        return rows.cast(self._schema)

    def __enter__(self) -> PartWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()
        if kind is not None:
            self._temporary.unlink(missing_ok=True)
            return
        with self._temporary.open("rb") as file:
            os.fsync(file.fileno())
        if count_rows(self._temporary) != self.rows:
            raise DatasetError(
                "a part must read back as written", str(self._path), "Check the disk, then run the stage again"
            )
        self._temporary.rename(self._path)
        sync_directory(self._path.parent)


def count_rows(path: Path) -> int:
    """Read a whole part, page checksums verified, and return its number of rows.

    Two threads read it, a half of the row groups each: decompressing is nearly all of the work.

    Raises:
        DatasetError: the file is damaged.
    """
    with _readable(path):
        known = pq.read_metadata(path)
    groups = range(known.num_row_groups)
    row_bytes = sum(known.row_group(group).total_byte_size for group in groups) / max(known.num_rows, 1)
    batch_rows = max(1, min(CHECKED_ROWS, int(CHECKED_BYTES / max(row_bytes, 1))))
    with ThreadPoolExecutor(2) as pool:
        return sum(pool.map(partial(_count_rows, path, batch_rows), (groups[::2], groups[1::2])))


def _count_rows(path: Path, batch_rows: int, groups: Sequence[int]) -> int:
    return sum(batch.num_rows for batch in read_part(path, batch_rows=batch_rows, threads=False, groups=groups))


def read_part(
    path: Path,
    columns: Sequence[str] | None = None,
    batch_rows: int = 10_000,
    threads: bool = True,
    groups: Sequence[int] | None = None,
) -> Iterator[pa.RecordBatch]:
    """The batches of one part, or of some of its row groups; page checksums and the number of rows verified (page
    headers have no checksum).

    Raises:
        DatasetError: the file is damaged.
    """
    with (
        _readable(path),
        pq.ParquetFile(path, page_checksum_verification=True, pre_buffer=False, buffer_size=READ_BYTES) as file,
    ):
        groups = range(file.num_row_groups) if groups is None else groups
        expected = left = sum(file.metadata.row_group(group).num_rows for group in groups)
        for batch in file.iter_batches(batch_rows, groups, columns, use_threads=threads):
            left -= batch.num_rows
            yield batch
        if left:
            raise OSError(f"{expected - left} rows where its footer says {expected}")


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """What goes wrong in the block is a damaged file's fault."""
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise DatasetError(
            "a Parquet part must be readable", f"{path}: {error}", "Restore it, or remove the directory and run again"
        ) from None


def parts_of(directory: Path) -> list[Path]:
    """The committed parts of a dataset directory, in order."""
    return sorted(path for path in directory.glob("*.parquet") if not path.name.startswith("."))


def read_batches(
    directory: Path, columns: Sequence[str] | None = None, batch_rows: int = 10_000
) -> Iterator[pa.RecordBatch]:
    """The batches of a dataset, part after part, in constant memory.

    Raises:
        DatasetError: there is no part, or one is damaged.
    """
    parts = parts_of(directory)
    if not parts:
        raise DatasetError(
            "a dataset holds at least one Parquet part",
            str(directory),
            "Name the folder that holds the *.parquet files",
        )
    for part in parts:
        yield from read_part(part, columns, batch_rows)


def read_table(directory: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """A whole dataset in memory; for small ones (metrics, history)."""
    batches = list(read_batches(directory, columns))
    return pa.Table.from_batches(batches) if batches else pq.read_table(parts_of(directory)[0], columns=columns)


def write_parts(directory: Path, schema: pa.Schema, tables: Iterable[pa.Table], rows_per_part: int) -> int:
    """Write tables into numbered parts of about rows_per_part rows (one part if there are none); the rows written."""
    stream = iter(tables)
    pending: pa.Table | None = next(stream, schema.empty_table())
    total = number = 0
    while pending is not None:
        with PartWriter(directory / f"part-{number:05}.parquet", schema) as part:
            part.write(pending)
            while part.rows < rows_per_part and (table := next(stream, None)) is not None:
                part.write(table)
        total, number, pending = total + part.rows, number + 1, next(stream, None)
    return total
