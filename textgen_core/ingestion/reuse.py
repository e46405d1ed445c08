"""Rows of sources that have not changed, from an earlier ingestion directory instead of the sources themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textgen_core.datasets.manifest import RunKey, read_manifest
from textgen_core.datasets.parts import read_table
from textgen_core.datasets.schemas import DOCUMENTS
from textgen_core.ingestion.deduplication import HashSet
from textgen_core.ingestion.identity import from_hexadecimal
from textgen_core.ingestion.ranges import RangeReader
from textgen_core.ingestion.rows import Reject, Rows, rows_schema
from textgen_core.ingestion.settings import IngestionOptions

DATASETS = ("documents", "rejects", "duplicates")


@dataclass(frozen=True, slots=True)
class Entry:
    """What the earlier run noted of a source: its digest, kept columns, and (first row, rows) in each dataset."""

    sha256: str
    format: str
    own: pa.Schema
    ranges: Mapping[str, tuple[int, int]]


class Previous:
    """An earlier run with the same settings."""

    def __init__(self, directory: Path, options: IngestionOptions) -> None:
        self._split = options.split
        self.own_columns: pa.Schema = _own_columns(directory)
        self._datasets = {name: RangeReader(directory / name) for name in DATASETS}
        self.entries = _entries(read_table(directory / "sources"))

    def unchanged(self, name: str, digest: str, format_name: str) -> bool:
        """Whether the source is as it was then."""
        entry = self.entries.get(name)
        return entry is not None and (entry.sha256, entry.format) == (digest, format_name)

    def rows(self, name: str, own: pa.Schema) -> Iterator[Rows]:
        """The source's rows as cleaned then, with the columns own: documents, rejects and duplicates, in order."""
        ranges = self.entries[name].ranges
        rejects = _Sorted(self._datasets["rejects"].read(*ranges["rejects"]))
        duplicates = _Sorted(self._datasets["duplicates"].read(*ranges["duplicates"]))
        stored = map(self._with_split_column, self._datasets["documents"].read(*ranges["documents"]))
        for table in _whole(stored, own):
            last = table.column("source_row")[-1].as_py()
            yield Rows(table, _as_rejects(rejects.up_to(last)), _as_duplicates(duplicates.up_to(last)))
        nothing = rows_schema(own).empty_table()
        for refused in rejects.rest():
            yield Rows(nothing, _as_rejects(refused))
        for dropped in duplicates.rest():
            yield Rows(nothing, (), _as_duplicates(dropped))

    def _with_split_column(self, table: pa.Table) -> pa.Table:
        if self._split.method != "column" or self._split.column in table.column_names:
            return table
        return table.append_column(self._split.column, table.column("split"))

    def lost_original(self, name: str, seen: HashSet) -> bool:
        """Whether a row that was dropped then as a duplicate has no earlier document any more."""
        ranges = self.entries[name].ranges
        if not ranges["duplicates"][1]:
            return False
        own = HashSet()
        for table in self._datasets["documents"].read(*ranges["documents"]):
            own.add(from_hexadecimal(table.column("content_hash")))
        dropped = self._datasets["duplicates"].read(*ranges["duplicates"])
        hashes = (from_hexadecimal(table.column("content_hash")) for table in dropped)
        return not all((seen.contains(part) | own.contains(part)).all() for part in hashes)


def find_previous(directory: Path | None, key: RunKey, options: IngestionOptions) -> Previous | None:
    """The earlier run, or None where it was made with other settings or by another version.

    Raises:
        DatasetError: there is no finished run at the directory.
    """
    if directory is None:
        return None
    old = read_manifest(directory.resolve()).key
    same = ("stage", "code_version", "schema_version", "settings")
    return (
        Previous(directory.resolve(), options)
        if all(getattr(old, name) == getattr(key, name) for name in same)
        else None
    )


def _own_columns(directory: Path) -> pa.Schema:
    schema = RangeReader(directory / "documents").schema
    return pa.schema([field for field in schema if field.name not in DOCUMENTS.names])


def _entries(sources: pa.Table) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    first = dict.fromkeys(DATASETS, 0)
    for row in sources.to_pylist():
        ranges = {name: (first[name], row[name]) for name in DATASETS}
        entries[row["source"]] = Entry(
            row["sha256"], row["format"], pa.ipc.read_schema(pa.py_buffer(row["own_schema"])), ranges
        )
        first = {name: first[name] + row[name] for name in DATASETS}
    return entries


def _as_rejects(table: pa.Table | None) -> list[Reject]:
    rows = table.to_pylist() if table is not None else []
    return [Reject(row["source_row"], row["code"], row["message"], row["raw"]) for row in rows]


def _as_duplicates(table: pa.Table | None) -> pa.Table | None:
    return None if table is None else table.select(["source_row", "content_hash"])


class _Sorted:
    """A stream of tables in order of source_row (nulls last), taken up to a row at a time."""

    def __init__(self, tables: Iterator[pa.Table]) -> None:
        self._tables = tables
        self._held: pa.Table | None = next(tables, None)

    def up_to(self, row: int) -> pa.Table | None:
        taken: list[pa.Table] = []
        while self._held is not None:
            numbers = self._held.column("source_row")
            count = pc.sum(pc.less_equal(numbers, row)).as_py() or 0
            taken.append(self._held.slice(0, count))
            if count < len(numbers):
                self._held = self._held.slice(count)
                break
            self._held = next(self._tables, None)
        return pa.concat_tables(taken) if taken else None

    def rest(self) -> Iterator[pa.Table]:
        while self._held is not None:
            if self._held.num_rows:
                yield self._held
            self._held = next(self._tables, None)


def _whole(tables: Iterator[pa.Table], own: pa.Schema) -> Iterator[pa.Table]:
    """Documents as rows of their source: pieces that a split's border had cut are put together again."""
    held: pa.Table | None = None
    for table in tables:
        table = pa.concat_tables([held, table]) if held is not None else table
        numbers = table.column("source_row").to_numpy()
        last = int(np.searchsorted(numbers, numbers[-1]))  # its pieces may go on in the next table
        held = table.slice(last)
        if last:
            yield _joined(table.slice(0, last), own)
    if held is not None:
        yield _joined(held, own)


def _joined(table: pa.Table, own: pa.Schema) -> pa.Table:
    table = table.select(rows_schema(own).names).cast(rows_schema(own)).combine_chunks()
    numbers = table.column("source_row").to_numpy()
    opens = np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 1))
    if len(opens) == len(numbers):
        return table
    texts = table.column("text").to_pylist()
    bounds = [*opens.tolist(), len(numbers)]
    joined = ["".join(texts[begin:end]) for begin, end in pairwise(bounds)]
    return table.take(opens).set_column(1, table.schema.field("text"), pa.array(joined, pa.string()))
