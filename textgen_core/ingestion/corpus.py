"""The datasets being written: duplicates dropped, splits assigned, everything counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from textgen_core.datasets.columns import extended
from textgen_core.datasets.schemas import DOCUMENTS, DUPLICATES, REJECTS, SOURCES
from textgen_core.ingestion.batch import Batch, Entry, rejects_table
from textgen_core.ingestion.deduplication import HashSet
from textgen_core.ingestion.documents import documents_table
from textgen_core.ingestion.identity import Hashed, Hashes, hexadecimal, single
from textgen_core.ingestion.overlap import behind
from textgen_core.ingestion.parts import Regrouper
from textgen_core.ingestion.readers.columns import output_columns
from textgen_core.ingestion.refusing import ON_PURPOSE
from textgen_core.ingestion.rows import Reject, Rows, by_row
from textgen_core.ingestion.settings import IngestionOptions
from textgen_core.ingestion.sources import Source
from textgen_core.ingestion.splitting import by_column, by_hash, known_splits
from textgen_core.ingestion.tail import Tail

BATCH_BYTES = 1 << 20
"""Text bytes to work on at once: small sources are taken together, as a step takes its time for one row as for many."""
BATCH_STRETCHES = 1000
"""Sources without a text are gathered up to this number."""


class Corpus:
    """Takes the sources one by one, in order, and writes the datasets.

    Attributes:
        counts: rows, documents, rejects, unreadable, duplicates, cut, characters, and the documents of each split;
            the last BATCH_BYTES are counted when the block has ended.
        reasons: rejects by code.
        examples: the first reject of each code, with the name of its source.
    """

    def __init__(self, folder: Path, own: pa.Schema, options: IngestionOptions) -> None:
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.examples: dict[str, tuple[str, Reject]] = {}
        self._seen = HashSet()
        self._options = options
        self._schema = extended(DOCUMENTS, output_columns(own, options), "the inputs")
        self._tail = Tail(folder / "scratch", own, options.split) if options.split.method == "tail" else None
        self._batch = Batch()
        self._exits = ExitStack()
        schemas = {"documents": self._schema, "rejects": REJECTS, "duplicates": DUPLICATES, "sources": SOURCES}
        self._datasets = {
            name: self._exits.enter_context(Regrouper(folder / name, schema)) for name, schema in schemas.items()
        }
        self._write_documents = self._exits.enter_context(behind(self._datasets["documents"].write, _bytes))

    def __enter__(self) -> Corpus:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            with self._exits:
                self._flush()
        else:
            self._exits.__exit__(kind, error, trace)

    @property
    def written(self) -> dict[str, int]:
        """Rows in each dataset, once the block has ended."""
        return {name: dataset.rows for name, dataset in self._datasets.items()}

    def why(self) -> str:
        """How many rejects there are of each code, and the first of the commonest that was not refused on purpose."""
        codes = [code for code, _ in self.reasons.most_common()]
        if not codes:
            return "no rows at all"
        name, reject = self.examples[min(codes, key=ON_PURPOSE.__contains__)]
        place = name if reject.row is None else f"{name}, row {reject.row}"
        return ", ".join(f"{self.reasons[code]:,} {code}" for code in codes) + f", as in {place}: {reject.message}"

    def seen(self) -> HashSet:
        """The hashes of all texts so far."""
        self._flush()
        return self._seen

    def add(self, source: Source, digest: str, own: pa.Schema, stretches: Iterator[Hashed]) -> Iterator[Rows]:
        """Write the documents of a source; yields each stretch when it has been taken in."""
        entry = self._batch.open(Entry(source.name, source.format, digest, own))
        for stretch in stretches:
            self._batch.gather(stretch)
            if self._batch.bytes >= BATCH_BYTES or self._batch.stretches >= BATCH_STRETCHES:
                self._flush()
            yield stretch.rows
        if self._tail is not None:
            self._flush()
            for piece in self._tail.pieces():
                places = np.zeros(piece.rows.num_rows, np.int64)
                self._write(piece.rows, places, piece.hashes, piece.offsets, piece.splits)
                self._count("cut", places[: piece.cut])
        entry.ended = True

    def _flush(self) -> None:
        """Write what was gathered."""
        if self._batch.stretches:
            self._work()
        if ended := self._batch.taken():
            self._datasets["sources"].write(pa.Table.from_pylist([entry.row() for entry in ended], schema=SOURCES))

    def _work(self) -> None:
        table, places, hashes, rejects, known = self._batch.rows()
        self._count("rows", np.concatenate([places, [place for place, _ in rejects], known.column("place")]))
        if self._options.split.method == "column":
            fit, strangers = known_splits(table, self._options.split.column)
            rejects += zip(places[~fit].tolist(), strangers, strict=True)
            rejects.sort(key=lambda reject: (reject[0], by_row(reject[1])))
            table, places, hashes = table.filter(pa.array(fit)), places[fit], hashes[fit]
        self._refuse(rejects)
        new = self._seen.add(hashes) if self._options.deduplicate else np.ones(len(hashes), np.bool_)
        if not new.all() or known.num_rows:
            self._drop(table.column("source_row").to_numpy()[~new], places[~new], hashes[~new], known)
            table, places, hashes = table.filter(pa.array(new)), places[new], hashes[new]
        if not table.num_rows:
            return
        if self._tail is not None:
            self._tail.hold(table, hashes)  # of one source: in this case batches end with it
            return
        self._write(table, places, hashes, np.zeros(len(hashes), np.int64), self._splits(table, hashes))

    def _refuse(self, rejects: list[tuple[int, Reject]]) -> None:
        if not rejects:
            return
        codes = Counter(reject.code for _, reject in rejects)
        self.reasons.update(codes)
        for place, reject in rejects:
            self.examples.setdefault(reject.code, (self._batch.entries[place].name, reject))
        self.counts["unreadable"] += sum(count for code, count in codes.items() if code not in ON_PURPOSE)
        self._count("rejects", np.array([place for place, _ in rejects]))
        self._datasets["rejects"].write(rejects_table(self._batch.names, rejects))

    def _drop(
        self, rows: npt.NDArray[np.int64], places: npt.NDArray[np.int64], hashes: Hashes, known: pa.Table
    ) -> None:
        """Write the rows whose text occurred before, and those known of an earlier run."""
        dropped = pa.table([places, rows, hexadecimal(hashes)], names=known.column_names)
        dropped = pa.concat_tables([dropped, known]).sort_by([("place", "ascending"), ("source_row", "ascending")])
        self._count("duplicates", dropped.column("place").to_numpy())
        names = pa.array(self._batch.names).take(dropped.column("place"))
        self._datasets["duplicates"].write(pa.table([names, *dropped.columns[1:]], schema=DUPLICATES))

    def _splits(self, table: pa.Table, hashes: Hashes) -> pa.Array:
        if self._options.split.method == "column":
            return by_column(single(table.column(self._options.split.column)))[0]
        return by_hash(hashes, self._options.split)

    def _write(
        self,
        rows: pa.Table,
        places: npt.NDArray[np.int64],
        hashes: Hashes,
        offsets: npt.NDArray[np.int64],
        splits: pa.Array,
    ) -> None:
        table = documents_table(self._batch.names, places, rows, hashes, offsets, splits, self._schema)
        self._count("documents", places)
        self.counts["characters"] += pc.sum(table.column("n_chars")).as_py()
        self.counts.update({entry["values"]: entry["counts"] for entry in pc.value_counts(splits).to_pylist()})
        self._write_documents(table)

    def _count(self, name: str, places: npt.NDArray[np.int64]) -> None:
        """One more for the source at each place."""
        self.counts[name] += len(places)
        for place, count in enumerate(np.bincount(places.astype(np.int64)).tolist()):
            self._batch.entries[place].counts[name] += count


def _bytes(table: pa.Table) -> int:
    return int(table.nbytes)
