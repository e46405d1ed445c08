"""A comparison, as stages that each lie in the store under their run keys: a killed one goes on where it was, and cells
share what is the same for them.

    ingestion ─┬─ seeding ────────────────────────────┬─ human, human_long
               ├─ judge/tokenization ─ judge/training ┘    │
               └─ share ─ tokenization ─ pace ─ training ─ generation, long ─ evaluation, reading ─ ... ─ summary

All paces are measured before the first training, so that they are measured alike. A cell that fails becomes a row with
the reason, and is tried again when the comparison is run again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from textgen_core.comparison.attempt import Attempt
from textgen_core.comparison.cells import Cell, check_pairs, grid
from textgen_core.comparison.process import StageProcess
from textgen_core.comparison.settings import ComparisonSettings
from textgen_core.comparison.shared import Shared, make_shared
from textgen_core.comparison.stage_settings import CellRun, SummarySettings
from textgen_core.comparison.stages import ComparisonStage, RunStage, kept
from textgen_core.comparison.summary import PRODUCTS
from textgen_core.datasets.links import point
from textgen_core.datasets.store import at_work
from textgen_core.datasets.unfinished import UnfinishedError, stop
from textgen_core.errors import TextgenError


def compare(settings: ComparisonSettings, run: RunStage) -> Path:
    """Do what is not finished of a comparison, name it in the output directory, and return the summary's directory.

    Raises:
        TextgenError: a stage failed that all cells need, or another process is at work there.
        OSError: the machine failed. What was finished before stays.
    """
    with at_work(settings.output):
        return _compared(settings, run)


def _compared(settings: ComparisonSettings, run: RunStage) -> Path:
    with StageProcess() as process:
        shared = make_shared(settings, run, process.run)
    attempts = [Attempt(settings, shared, cell, run) for cell in grid(settings)]
    for attempt in attempts:
        attempt.guarded(attempt.draft)
    for attempt in attempts:
        attempt.guarded(attempt.carry_out)
    cells = tuple(attempt.outcome() for attempt in attempts)
    told = {
        "cells": cells,
        "temperatures": settings.temperatures,
        "shown": settings.shown,
        **{name: getattr(shared, name) for name in ("corpus", "human", "human_long", "judge")},
    }
    summary = kept(settings.output, run, "summary", "all", lambda out: SummarySettings(**told, output=out))
    for name, target in _names(shared, summary, cells):
        point(settings.output / name, target)
    return summary


def _names(shared: Shared, summary: Path, cells: tuple[CellRun, ...]) -> Iterator[tuple[str, Path]]:
    """The user's names, and what they lead to. What has no name would be pruned."""
    yield from shared.names().items()
    yield from ((product, summary / product) for product in PRODUCTS)
    for cell in cells:
        products = {
            "documents": (cell.corpus, "documents"),
            "pace": (cell.pace, "."),
            "sequences": (cell.tokens, "sequences"),
            "model": (cell.model, "."),
            "generations": (cell.generations, "generations"),
            "long": (cell.long, "generations"),
            **{name: (cell.evaluation, name) for name in ("scores", "metrics")},
            **{name: (cell.reading, name) for name in ("judged", "stretches")},
        }
        for name, (made, inside) in products.items():
            if made is not None:
                yield f"{cell.name}/{name}", made / inside


@dataclass(frozen=True, slots=True)
class Planned:
    """What comes next of a part of a comparison: a stage, None where all are finished; or why none can."""

    name: str
    next: ComparisonStage | None
    failure: str | None = None


def plan(settings: ComparisonSettings) -> list[Planned]:
    """What ``compare`` would do, without doing any of it and without loading anything heavy."""
    cells = grid(settings)
    try:
        shared = make_shared(settings, stop)
    except UnfinishedError as found:
        return [Planned("shared", found.stage), *(_foreseen(settings, cell) for cell in cells)]
    return [Planned("shared", None), *(_planned(settings, shared, cell) for cell in cells)]


def _foreseen(settings: ComparisonSettings, cell: Cell) -> Planned:
    """What comes first of a cell that has nothing to begin with yet."""
    try:
        check_pairs(settings, cell)
    except TextgenError as error:
        return Planned(cell.name, "tokenization", str(error))
    return Planned(cell.name, "tokenization" if cell.share == 1 else "share")


def _planned(settings: ComparisonSettings, shared: Shared, cell: Cell) -> Planned:
    attempt = Attempt(settings, shared, cell, stop)
    try:
        attempt.draft()
        attempt.carry_out()
    except UnfinishedError as found:
        return Planned(cell.name, found.stage)
    except TextgenError as error:
        return Planned(cell.name, attempt.stage, str(error))
    return Planned(cell.name, None)
