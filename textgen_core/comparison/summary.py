"""The last stage of a comparison: its datasets, its verdicts and its page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textgen_core.comparison.stage_settings import CellRun, SummarySettings
from textgen_core.datasets.comparison_schemas import COMPARISON, POSITIONS, TRADE_OFFS, VERDICTS
from textgen_core.datasets.manifest import Manifest, RunKey, read_manifest
from textgen_core.datasets.schemas import SCHEMA_VERSION
from textgen_core.datasets.stage import run_stage, write_file
from textgen_core.progress import Progress, Update

CODE_VERSION = 15
PAGE = "comparison.html"
DATASETS = {"comparison": COMPARISON, "trade_offs": TRADE_OFFS, "positions": POSITIONS, "verdicts": VERDICTS}
CHARTS = "charts"
PRODUCTS = (*DATASETS, PAGE, CHARTS)
ROLES = ("tokens", "model", "generations", "evaluation", "long", "reading")


def summary_key(settings: SummarySettings) -> RunKey:
    """All that decides the page: the cells, why some failed, and whatever their stages wrote and stated.

    Raises:
        DatasetError: one of them is no finished directory.
    """
    shared = {role: getattr(settings, role) for role in ("corpus", "human", "human_long", "judge")}
    inputs = {role: read_manifest(place).stated for role, place in shared.items()}
    for cell in settings.cells:
        inputs |= {f"{cell.name}/{role}": read_manifest(place).stated for role, place in _places(cell).items()}
    return RunKey(
        stage="comparison",
        code_version=CODE_VERSION,
        schema_version=SCHEMA_VERSION,
        settings=settings.canonical(),
        inputs=inputs,
        numerics={},
    )


def _places(cell: CellRun) -> dict[str, Path]:
    return {role: place for role in ROLES if (place := getattr(cell, role)) is not None}


def compare_all(settings: SummarySettings, progress: Progress) -> Manifest:
    """Put all cells side by side, and answer the questions.

    Raises:
        DatasetError: something that was measured is missing or damaged.
    """
    return run_stage(summary_key(settings), settings.output, lambda partial: _compare(settings, partial, progress))


def _compare(settings: SummarySettings, partial: Path, progress: Progress) -> Mapping[str, Any]:
    from textgen_core.comparison.charts import drawn, legend
    from textgen_core.comparison.findings import find
    from textgen_core.comparison.page import render
    from textgen_core.datasets.parts import PartWriter
    from textgen_core.reporting.standalone import standalone

    found = find(settings)
    for name, schema in DATASETS.items():
        with PartWriter(partial / name / "part-00000.parquet", schema) as part:
            part.write(found.rows[name])
    charts = drawn(found)
    write_file(partial / PAGE, render(settings, found, charts).encode("utf-8", "replace"))
    (partial / CHARTS).mkdir(exist_ok=True)
    for name, chart in charts.items():
        named = {line: str(look) for line, look in legend(found, [chart]).items()}
        write_file(partial / CHARTS / f"{name}.svg", standalone(chart, named).encode("utf-8", "replace"))
    progress(Update("summary", len(settings.cells), len(settings.cells), "cells"))
    failed = [cell.name for cell in settings.cells if cell.failure is not None]
    return {
        "cells": len(settings.cells),
        "failed": len(failed),
        "unlearned": len(found.unlearned),
        **{verdict["question"]: f"{verdict['answer']}: {verdict['reason']}" for verdict in found.rows["verdicts"]},
    }
