"""The datasets being written: duplicates dropped, splits assigned, everything counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from textgen_core.datasets.schemas import DOCUMENTS, DUPLICATES, REJECTS, SOURCES, extended
from textgen_core.ingestion.deduplication import HashSet
from textgen_core.ingestion.documents import documents_table, single
from textgen_core.ingestion.identity import Hashes, content_hashes, hexadecimal
from textgen_core.ingestion.overlap import behind
from textgen_core.ingestion.parts import Regrouper
from textgen_core.ingestion.readers.columns import output_columns
from textgen_core.ingestion.refusing import ON_PURPOSE
from textgen_core.ingestion.rows import Reject, Rows, in_order, rejects_table
from textgen_core.ingestion.settings import IngestionOptions
from textgen_core.ingestion.sources import Source
from textgen_core.ingestion.splitting import by_column, by_hash
from textgen_core.ingestion.tail import Tail

_DROPPED = pa.schema([DUPLICATES.field(name) for name in ("source_row", "content_hash")])


class Corpus:
    """Takes the sources one by one, in order, and writes the datasets.

    Attributes:
        counts: rows, documents, rejects, unreadable, duplicates, cut, characters, and the documents of each split.
        reasons: rejects by code.
        seen: the hashes of all texts so far.
    """

    def __init__(self, folder: Path, own: pa.Schema, options: IngestionOptions) -> None:
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.seen = HashSet()
        self._options = options
        self._schema = extended(DOCUMENTS, output_columns(own, options), "the inputs")
        self._tail = Tail(folder / "scratch", own, options.split) if options.split.method == "tail" else None
        self._exits = ExitStack()
        schemas = {"documents": self._schema, "rejects": REJECTS, "duplicates": DUPLICATES, "sources": SOURCES}
        self._datasets = {
            name: self._exits.enter_context(Regrouper(folder / name, schema)) for name, schema in schemas.items()
        }
        self._write_documents = self._exits.enter_context(behind(self._datasets["documents"].write))

    def __enter__(self) -> Corpus:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exits.__exit__(kind, error, trace)

    @property
    def written(self) -> dict[str, int]:
        """Rows in each dataset, once the block has ended."""
        return {name: dataset.rows for name, dataset in self._datasets.items()}

    def add(self, source: Source, digest: str, own: pa.Schema, stretches: Iterator[Rows]) -> Iterator[int]:
        """Write the documents of a source; yields the bytes of text after each stretch."""
        before = Counter(self.counts)
        for rows in stretches:
            self._add(source.name, rows)
            yield rows.table.nbytes
        if self._tail is not None:
            for piece in self._tail.pieces():
                self._write(source.name, piece.rows, piece.hashes, piece.offsets, piece.splits)
                self.counts["cut"] += piece.cut
        entry = self.counts - before
        names = ("rows", "documents", "rejects", "duplicates", "cut")
        row = {
            "source": source.name,
            "format": source.format,
            "sha256": digest,
            "own_schema": own.serialize().to_pybytes(),
        }
        row |= {name: entry[name] for name in names}
        self._datasets["sources"].write(pa.Table.from_pylist([row], schema=SOURCES))

    def _add(self, source: str, rows: Rows) -> None:
        known = rows.duplicates if rows.duplicates is not None else DUPLICATES.empty_table()
        self.counts["rows"] += rows.table.num_rows + len(rows.rejects) + known.num_rows
        table, rejects = rows.table, rows.rejects
        if self._options.split.method == "column":
            table, rejects = _with_known_split(table, rejects, self._options.split.column)
        self._refuse(source, rejects)
        hashes = content_hashes(single(table.column("text")))
        table, hashes = self._without_duplicates(source, table, hashes, known)
        if not table.num_rows:
            return
        if self._tail is not None:
            self._tail.hold(table, hashes)
            return
        self._write(source, table, hashes, np.zeros(len(hashes), np.int64), self._splits(table, hashes))

    def _refuse(self, source: str, rejects: Sequence[Reject]) -> None:
        if not rejects:
            return
        codes = Counter(reject.code for reject in rejects)
        self.reasons.update(codes)
        self.counts["rejects"] += len(rejects)
        self.counts["unreadable"] += sum(count for code, count in codes.items() if code not in ON_PURPOSE)
        self._datasets["rejects"].write(rejects_table(source, rejects))

    def _without_duplicates(
        self, source: str, table: pa.Table, hashes: Hashes, known: pa.Table
    ) -> tuple[pa.Table, Hashes]:
        new = self.seen.add(hashes) if self._options.deduplicate else np.ones(len(hashes), np.bool_)
        if new.all() and not known.num_rows:
            return table, hashes
        rows = table.column("source_row").to_numpy()[~new]
        dropped = pa.table([rows, hexadecimal(hashes[~new])], schema=_DROPPED)
        dropped = pa.concat_tables([dropped, known.select(_DROPPED.names)]).sort_by("source_row")
        self.counts["duplicates"] += dropped.num_rows
        names = pa.repeat(pa.scalar(source), dropped.num_rows)
        self._datasets["duplicates"].write(pa.table([names, *dropped.columns], schema=DUPLICATES))
        return table.filter(pa.array(new)), hashes[new]

    def _splits(self, table: pa.Table, hashes: Hashes) -> pa.Array:
        if self._options.split.method == "column":
            return by_column(single(table.column(self._options.split.column)))[0]
        return by_hash(hashes, self._options.split)

    def _write(
        self, source: str, rows: pa.Table, hashes: Hashes, offsets: npt.NDArray[np.int64], splits: pa.Array
    ) -> None:
        table = documents_table(source, rows, hashes, offsets, splits, self._schema)
        self.counts["documents"] += table.num_rows
        self.counts["characters"] += pc.sum(table.column("n_chars")).as_py()
        self.counts.update({entry["values"]: entry["counts"] for entry in pc.value_counts(splits).to_pylist()})
        self._write_documents(table)


def _with_known_split(table: pa.Table, rejects: Sequence[Reject], column: str) -> tuple[pa.Table, Sequence[Reject]]:
    """Without the rows whose split column names no split."""
    values = single(table.column(column))
    _, known = by_column(values)
    if pc.all(known).as_py():
        return table, rejects
    strangers = table.filter(pc.invert(known))
    refused = [
        Reject(row, "unknown-split", f"{column!r} must be train, validation or test; received: {value!r:.80}")
        for row, value in zip(
            strangers.column("source_row").to_pylist(), strangers.column(column).to_pylist(), strict=True
        )
    ]
    return table.filter(known), in_order([*rejects, *refused])
