"""The ingestion stage: inputs to documents."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textgen_core.datasets.manifest import Manifest, RunKey
from textgen_core.datasets.schemas import SCHEMA_VERSION
from textgen_core.errors import DatasetError, InputError, SettingsError
from textgen_core.ingestion.encodings import check_encoding
from textgen_core.ingestion.settings import IngestionSettings
from textgen_core.ingestion.source_digests import digests_of, remember
from textgen_core.ingestion.sources import Source, find_sources
from textgen_core.progress import Progress, Update, silent

if TYPE_CHECKING:
    from textgen_core.ingestion.corpus import Corpus
    from textgen_core.ingestion.rows import Rows

CODE_VERSION = 4
"""Raised whenever ingestion could write other bytes for the same inputs and settings."""


def ingestion_key(settings: IngestionSettings) -> RunKey:
    """What decides the dataset: the settings, and each source's name and digest.

    Reads every source once to take its digest, unless one was taken of the unchanged file before.

    Raises:
        InputError: an input matches nothing, or a source can't be read.
        SettingsError: there is no such encoding, the output lies in an input, or a source in the output.
    """
    sources = _sources(settings)
    return _key(settings, _digests(settings, sources))


def ingest(settings: IngestionSettings, progress: Progress = silent) -> Manifest:
    """Write documents/, rejects/, duplicates/ and sources/ to settings.output.

    Raises:
        InputError: as ingestion_key(); or no document came of the inputs, a split got none, too many rows were
            unreadable, or a source changed while it was read.
    """
    from textgen_core.datasets.stage import run_stage

    sources = _sources(settings)
    digests = _digests(settings, sources, progress)
    key = _key(settings, digests)
    manifest = run_stage(key, settings.output, lambda partial: _work(partial, settings, sources, key, progress))
    remember(sources, digests, settings.output)
    return manifest


def _sources(settings: IngestionSettings) -> list[Source]:
    check_encoding(settings.encoding)
    output = settings.output.resolve()
    for text in settings.inputs:
        if "://" not in text and Path(text).is_dir() and Path(text).resolve() in (output, *output.parents):
            raise SettingsError(
                "the output must not lie in an input directory",
                f"output {settings.output} in {text}",
                "Choose another output, or name the files",
            )
    sources = find_sources(settings.inputs, settings.format)
    for source in sources:
        if f"{source.place}/".startswith(f"{output}/"):
            raise SettingsError(
                "no source may lie in the output directory",
                f"{source.name} in output {settings.output}",
                "Choose another output, or inputs that leave it out",
            )
    return sources


def _digests(settings: IngestionSettings, sources: list[Source], progress: Progress = silent) -> dict[str, str]:
    places = [settings.output] if settings.previous is None else [settings.previous, settings.output]
    return digests_of(sources, places, progress)


def _key(settings: IngestionSettings, digests: dict[str, str]) -> RunKey:
    return RunKey(
        stage="ingestion",
        code_version=CODE_VERSION,
        schema_version=SCHEMA_VERSION,
        settings=settings.canonical(),
        inputs=digests,
        numerics={},
    )


def _work(
    partial: Path, settings: IngestionSettings, sources: list[Source], key: RunKey, progress: Progress
) -> Mapping[str, Any]:
    from textgen_core.ingestion.corpus import Corpus  # pyarrow.compute: not for a run with nothing to do
    from textgen_core.ingestion.memory import keep_freed_memory
    from textgen_core.ingestion.splitting import SPLITS, check_splits
    from textgen_core.ingestion.supply import Supply

    keep_freed_memory()
    for name in ("documents", "rejects", "duplicates", "sources", "scratch"):
        shutil.rmtree(partial / name, ignore_errors=True)  # a killed attempt starts anew: it is quick
    supply = Supply(settings, sources, key)
    with Corpus(partial, supply.own, settings) as corpus:
        report = Report(progress, sources)
        for source in sources:
            stretches = supply.stretches(source, corpus.seen)
            for rows in corpus.add(source, key.inputs[source.name], supply.schemas[source.name], stretches):
                report.within(rows, corpus.counts)
            report.past(source, corpus.counts)
    counts = corpus.counts
    report.end(counts)
    _check(corpus, settings)
    splits = {name: counts[name] for name in SPLITS}
    check_splits(splits, settings.split)
    return {
        "sources": len(sources),
        "sources_read": supply.read,
        "sources_reused": supply.reused,
        **{name: counts[name] for name in ("rows", "documents", "rejects", "duplicates", "cut", "characters")},
        **{f"documents_{name}": number for name, number in splits.items()},
        **{f"rejects_{code}": number for code, number in sorted(corpus.reasons.items())},
    }


def _check(corpus: Corpus, settings: IngestionSettings) -> None:
    """No row was lost, and not too many were refused.

    Raises:
        DatasetError: rows in are not rows out.
        InputError: there is no document, or the share of unreadable rows is too high.
    """
    from textgen_core.ingestion.refusing import check_share

    counts, written = corpus.counts, corpus.written
    out = written["documents"] - counts["cut"] + written["rejects"] + written["duplicates"]
    if counts["rows"] != out:
        raise DatasetError("rows in must be documents + rejects + duplicates", f"{counts['rows']:,} in, {out:,} out")
    why = corpus.why()
    if not counts["documents"]:
        raise InputError("the inputs must hold a document", why, "Or check format, text_column and encoding")
    check_share(counts["unreadable"] / counts["rows"], settings.max_reject_share, why)


class Report:
    """Tells how many of the sources' bytes are done, five times a second at most; of a source without bytes (the
    documentation of the running Python), how many documents."""

    def __init__(self, progress: Progress, sources: list[Source]) -> None:
        self._progress = progress
        self._total = sum(source.size or 0 for source in sources)
        self._done = self._within = self._rows = 0
        self._told = 0.0

    def within(self, rows: Rows, counts: Mapping[str, int]) -> None:
        """So much more text came out of the source at work; its stored bytes may be fewer."""
        self._within += rows.table.nbytes
        self._rows += rows.table.num_rows
        self._tell(min(self._done + self._within, self._total), counts)

    def past(self, source: Source, counts: Mapping[str, int]) -> None:
        """A source is done."""
        self._done, self._within = self._done + (source.size or 0), 0
        self._tell(self._done, counts)

    def end(self, counts: Mapping[str, int]) -> None:
        """All are done, and counted."""
        self._tell(self._total, counts, final=True)

    def _tell(self, done: int, counts: Mapping[str, int], final: bool = False) -> None:
        now = time.monotonic()
        if not final and (now - self._told <= 0.2 or done == self._total > 0):  # all read is not all written
            return
        self._told = now
        figures = {name: str(counts[name]) for name in ("documents", "duplicates", "rejects")}
        if self._total:
            self._progress(Update("ingestion", done / 1e6, self._total / 1e6, "MB", figures))
        else:
            self._progress(Update("ingestion", self._rows, self._rows if final else None, "documents", figures))
