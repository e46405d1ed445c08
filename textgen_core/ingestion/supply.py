"""Where a source's rows come from: the source itself, or an earlier run that read it unchanged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa

from textgen_core.datasets.manifest import RunKey
from textgen_core.errors import InputError
from textgen_core.ingestion.deduplication import HashSet
from textgen_core.ingestion.identity import Hashed, hashed
from textgen_core.ingestion.overlap import ahead
from textgen_core.ingestion.readers import READERS
from textgen_core.ingestion.readers.columns import output_columns, unified
from textgen_core.ingestion.readers.interface import SourceContent
from textgen_core.ingestion.refusing import cleaned
from textgen_core.ingestion.reuse import find_previous
from textgen_core.ingestion.rows import Rows, SourceRefused, rows_schema
from textgen_core.ingestion.settings import IngestionSettings
from textgen_core.ingestion.sources import Source

THREAD_BYTES = 1 << 20
"""A smaller source is not worth a thread of its own."""

log = logging.getLogger(__name__)


class Supply:
    """Gives each source's rows, cleaned.

    Attributes:
        schemas: the own columns of each source, by name.
        own: the own columns of all.
        read: sources that were read.
        reused: sources whose rows came from the earlier run.
    """

    def __init__(self, settings: IngestionSettings, sources: Sequence[Source], key: RunKey) -> None:
        self._settings, self._key = settings, key
        self._previous = find_previous(settings.previous, key, settings)
        self._unchanged = {source.name for source in sources if self._is_unchanged(source)}
        self.schemas = {source.name: self._schema(source) for source in sources}
        self.own = unified(self.schemas, settings)
        if self._previous is not None and self._previous.own_columns != output_columns(self.own, settings):
            log.info("kept columns have other types than in the earlier run: every source is read again")
            self._unchanged.clear()
        gone = set(self._previous.entries) - self._unchanged if self._previous is not None else set()
        self._first_gone = min(gone, default=None)
        self.read = self.reused = 0
        _warn(sources)

    def stretches(self, source: Source, seen: Callable[[], HashSet]) -> Iterator[Hashed]:
        """The rows of a source, in order. `seen` gives the hashes of all sources before it."""
        if self._can_reuse(source.name, seen):
            assert self._previous is not None
            self.reused += 1
            return hashed(self._previous.rows(source.name, self.own))
        self.read += 1
        rows = hashed(self._read(source))
        return ahead(rows) if source.size is None or source.size > THREAD_BYTES else rows

    def _is_unchanged(self, source: Source) -> bool:
        digest = self._key.inputs[source.name]
        return self._previous is not None and self._previous.unchanged(source.name, digest, source.format)

    def _can_reuse(self, name: str, seen: Callable[[], HashSet]) -> bool:
        if self._previous is None or name not in self._unchanged:
            return False
        if self._first_gone is None or name < self._first_gone:
            return True  # all that came before it then comes before it now
        return not self._previous.lost_original(name, seen())

    def _schema(self, source: Source) -> pa.Schema:
        if self._previous is not None and source.name in self._unchanged:
            return self._previous.entries[source.name].own
        if source.problem is not None:
            return pa.schema([])
        try:
            return READERS[source.format].columns(SourceContent(source, self._settings, quiet=True), self._settings)
        except SourceRefused:
            return pa.schema([])  # its reject is written when its rows are read

    def _read(self, source: Source) -> Iterator[Rows]:
        nothing = rows_schema(self.own).empty_table()
        try:
            yield from self._read_rows(source)
        except SourceRefused as refused:
            if source.problem is None:
                log.warning("%s: %s", source.name, refused.reject.message)
            yield Rows(nothing, [refused.reject])
        if not source.is_still():
            raise InputError("a source must not change while it is read", source.name, "Run again when it is still")

    def _read_rows(self, source: Source) -> Iterator[Rows]:
        if source.problem is not None:
            raise SourceRefused(source.problem.code, source.problem.message)
        empty = True
        for rows in READERS[source.format].rows(SourceContent(source, self._settings), self._settings, self.own):
            empty = empty and not rows.table.num_rows and not rows.rejects
            yield cleaned(rows, self._settings)
        if empty:
            raise SourceRefused("no-text", f"a source must hold text; received: {source.name}, which has none")


def _warn(sources: Sequence[Source]) -> None:
    """Say what can't be read at all, a line for each reason: there may be thousands."""
    problems: dict[str, list[str]] = {}
    for source in sources:
        if source.problem is not None:
            problems.setdefault(source.problem.code, []).append(source.problem.message)
    for code, messages in problems.items():
        log.warning("%d of %d sources %s: %s", len(messages), len(sources), code, messages[0])
