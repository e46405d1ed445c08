"""The verdict of a sweep: one row a setting in frontier/, and a page with the plot."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textgen_core.datasets.manifest import Manifest, RunKey, read_manifest
from textgen_core.datasets.schemas import FRONTIER, SCHEMA_VERSION
from textgen_core.datasets.stage import run_stage, write_file
from textgen_core.frontier.settings import SummarySettings
from textgen_core.progress import Progress, Update

CODE_VERSION = 1
PAGE = "frontier.html"


def summary_key(settings: SummarySettings) -> RunKey:
    """All that decides the verdict: what was generated and measured, and how fast.

    Raises:
        DatasetError: one of them is no finished directory.
    """
    inputs: dict[str, str] = {}
    for sweep in (settings.human, *settings.sweeps):
        inputs[f"{sweep.knob}/generation"] = read_manifest(sweep.generations).stated
        inputs[f"{sweep.knob}/evaluation"] = read_manifest(sweep.evaluation).stated
    return RunKey(
        stage="summary",
        code_version=CODE_VERSION,
        schema_version=SCHEMA_VERSION,
        settings=settings.canonical(),
        inputs=inputs,
        numerics={},
    )


def summarize(settings: SummarySettings, progress: Progress) -> Manifest:
    """Compare all settings with human text, and recommend one.

    Raises:
        DatasetError: something that was measured is missing or damaged.
    """
    return run_stage(summary_key(settings), settings.output, lambda partial: _summarize(settings, partial, progress))


def _summarize(settings: SummarySettings, partial: Path, progress: Progress) -> Mapping[str, Any]:
    from textgen_core.datasets.parts import PartWriter
    from textgen_core.frontier.page import render
    from textgen_core.frontier.points import recommend
    from textgen_core.frontier.table import points_of, read_rows, with_verdicts

    pairs, rows = read_rows(settings)
    human, points = points_of(rows)
    advice = recommend(points, human) if human else None
    rows = with_verdicts(rows, human, points, advice)
    with PartWriter(partial / "frontier" / "part-00000.parquet", FRONTIER) as part:
        part.write(rows)
    prompts = str(read_manifest(settings.human.generations).facts["prompts"])
    write_file(partial / PAGE, render(rows, human, points, advice, pairs, prompts).encode("utf-8", "replace"))
    progress(Update("summary", len(rows), len(rows), "settings"))
    return {
        "settings": len(points),
        "recommended": advice.name if advice else None,
        "alike": list(advice.alike) if advice else [],
        "reason": advice.reason if advice else "Nothing could be compared with human text: there is too little of it.",
        "pairs": pairs,
    }
