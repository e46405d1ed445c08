"""Stretches of several sources, gathered to be worked on at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from textgen_core.datasets.schemas import REJECTS
from textgen_core.ingestion.identity import Hashed, Hashes
from textgen_core.ingestion.rows import RAW_BYTES, Reject

KNOWN = pa.schema([("place", pa.int64()), ("source_row", pa.int64()), ("content_hash", pa.string())])
"""Duplicates that an earlier run dropped; place is that of their source in the batch."""
COUNTS = ("rows", "documents", "rejects", "duplicates", "cut")


@dataclass(slots=True)
class Entry:
    """What will be written about a source when all of it is."""

    name: str
    format: str
    digest: str
    own: pa.Schema
    counts: Counter[str] = field(default_factory=Counter)
    ended: bool = False

    def row(self) -> dict[str, Any]:
        """As a row of the sources dataset."""
        row = {"source": self.name, "format": self.format, "sha256": self.digest}
        return row | {"own_schema": self.own.serialize().to_pybytes()} | {name: self.counts[name] for name in COUNTS}


class Batch:
    """Gathers stretches.

    Attributes:
        entries: the sources, by place; the last one may go on in the next batch.
        bytes: of texts and columns gathered.
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.bytes = 0
        self._gathered: list[tuple[int, Hashed]] = []

    @property
    def names(self) -> list[str]:
        """Names of the sources, each at its place."""
        return [entry.name for entry in self.entries]

    @property
    def stretches(self) -> int:
        """How many were gathered."""
        return len(self._gathered)

    def open(self, entry: Entry) -> Entry:
        """Begin a source; what is gathered next is of it."""
        self.entries.append(entry)
        return entry

    def gather(self, stretch: Hashed) -> None:
        """One more stretch of the source begun last."""
        self._gathered.append((len(self.entries) - 1, stretch))
        self.bytes += stretch.rows.table.nbytes

    def rows(self) -> tuple[pa.Table, npt.NDArray[np.int64], Hashes, list[tuple[int, Reject]], pa.Table]:
        """All rows gathered, their places and hashes; rejects with their places; duplicates known of an earlier run,
        as KNOWN."""
        tables = [stretch.rows.table for _, stretch in self._gathered]
        hashes = np.concatenate([stretch.hashes for _, stretch in self._gathered])
        places = np.repeat([place for place, _ in self._gathered], [table.num_rows for table in tables])
        rejects = [(place, reject) for place, stretch in self._gathered for reject in stretch.rows.rejects]
        known = [
            pa.table([pa.array([place] * len(dropped), pa.int64()), *dropped.columns], schema=KNOWN)
            for place, stretch in self._gathered
            if (dropped := stretch.rows.duplicates) is not None
        ]
        nothing = KNOWN.empty_table()
        return pa.concat_tables(tables).combine_chunks(), places, hashes, rejects, pa.concat_tables([nothing, *known])

    def taken(self) -> list[Entry]:
        """Begin anew; returns the sources that have ended."""
        ended = [entry for entry in self.entries if entry.ended]
        self.entries = [entry for entry in self.entries if not entry.ended]
        self._gathered, self.bytes = [], 0
        return ended


def rejects_table(names: Sequence[str], rejects: Sequence[tuple[int, Reject]]) -> pa.Table:
    """Refused rows, each with the place of its source in names, in the schema of the rejects dataset."""
    rows = [
        {
            "source": names[place],
            "source_row": reject.row,
            "stage": "ingestion",
            "code": reject.code,
            "message": reject.message,
            "raw": bytes(reject.raw[:RAW_BYTES]),
        }
        for place, reject in rejects
    ]
    return pa.Table.from_pylist(rows, schema=REJECTS)
