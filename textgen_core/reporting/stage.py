"""The reporting stage: everything that was made -> one page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textgen_core.datasets.manifest import Manifest, RunKey, read_manifest, stage_directory
from textgen_core.datasets.schemas import SCHEMA_VERSION
from textgen_core.datasets.stage import run_stage, write_file
from textgen_core.evaluation.origins import check_origins
from textgen_core.progress import Progress, Update
from textgen_core.reporting.settings import ReportingSettings

CODE_VERSION = 2
REPORT = "report.html"
ROLES = ("tokens", "model", "generations", "evaluation")


def reporting_key(settings: ReportingSettings) -> RunKey:
    """All that decides the page: its settings and whatever the stages before it wrote and stated.

    Raises:
        DatasetError: a directory is none of its kind, or was not made of the corpus.
    """
    for run in settings.runs:
        check_origins(run.model, run.tokens, settings.corpus, run.generations)
    inputs = {"corpus": read_manifest(stage_directory(settings.corpus)).stated}
    for run in settings.runs:
        inputs |= {f"{run.name}/{role}": read_manifest(stage_directory(getattr(run, role))).stated for role in ROLES}
    return RunKey(
        stage="reporting",
        code_version=CODE_VERSION,
        schema_version=SCHEMA_VERSION,
        settings=settings.canonical(),
        inputs=inputs,
        numerics={},
    )


def report(settings: ReportingSettings, progress: Progress) -> Manifest:
    """Write the page and commit it.

    Raises:
        DatasetError: a stage directory is missing, damaged or of something else.
    """

    def body(partial: Path) -> Mapping[str, Any]:
        from textgen_core.reporting.page import render  # templates: not for a run with nothing to do

        page = render(settings)
        write_file(partial / REPORT, page.encode("utf-8", "replace"))
        progress(Update("reporting", 1, 1, "pages"))
        return {"models": len(settings.runs), "bytes": len(page)}

    return run_stage(reporting_key(settings), settings.output, body)
