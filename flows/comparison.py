"""A grid of models compared on one corpus. The order of the stages is textgen_core.comparison.steps."""

from __future__ import annotations

from pathlib import Path

from prefect import Task, flow

from flows.pipeline import TASKS
from tasks.artifacts import publish_page
from tasks.comparison import of_comparison
from tasks.policy import FLOW
from textgen_core.comparison.settings import ComparisonSettings
from textgen_core.comparison.stages import OWN, ComparisonStage
from textgen_core.comparison.steps import compare
from textgen_core.datasets.manifest import Manifest, read_manifest
from textgen_core.datasets.parts import read_table
from textgen_core.markdown import pairs, table
from textgen_core.settings import Settings
from textgen_core.stages import Work

SHOWN = ("cell", "failure", "bits_per_char", "parameters", "training_seconds", "characters_per_second")


@flow(name="comparison", flow_run_name="compare into {settings.output}", **FLOW)
def comparison(settings: ComparisonSettings) -> Path:
    """Train every cell of a grid, generate and measure alike, and answer what people say of such models."""

    tasks: dict[str, Task[..., Manifest]] = dict.fromkeys(OWN, of_comparison) | {**TASKS}

    def run(stage: ComparisonStage, name: str, of_stage: Settings, work: Work) -> Manifest:
        return tasks[stage](of_stage, name=name, work=work)

    summary = compare(settings, run)
    publish_page("comparison", lambda: shown(summary))
    return summary


def shown(summary: Path) -> str:
    """The verdicts, and the cells with their figures."""
    rows = read_table(summary / "comparison", list(SHOWN)).to_pylist()
    return f"{pairs(read_manifest(summary).facts)}\n\n{table(rows)}"
