"""Samplers and their knobs swept on one model. The order of the stages is textgen_core.frontier.steps."""

from __future__ import annotations

from pathlib import Path

from prefect import Task, flow

from flows.pipeline import TASKS
from tasks.artifacts import publish_page
from tasks.frontier import refer, summarize
from tasks.policy import FLOW
from textgen_core.datasets.manifest import Manifest, read_manifest
from textgen_core.frontier.settings import FrontierSettings
from textgen_core.frontier.steps import FrontierStage, sweep
from textgen_core.markdown import pairs
from textgen_core.settings import Settings


@flow(name="frontier", flow_run_name="sweep samplers of {settings.model.name}", **FLOW)
def frontier(settings: FrontierSettings) -> Path:
    """Sweep samplers, draw quality against diversity, and recommend the setting that is nearest to human text."""
    tasks: dict[FrontierStage, Task[..., Manifest]] = {
        "reference": refer,
        "generation": TASKS["generation"],
        "evaluation": TASKS["evaluation"],
        "summary": summarize,
    }

    def run(stage: FrontierStage, name: str, of_stage: Settings) -> Manifest:
        return tasks[stage](of_stage, name=f"{name}/{stage}")

    summary = sweep(settings, run)
    publish_page("frontier", lambda: pairs(read_manifest(summary).facts))
    return summary
