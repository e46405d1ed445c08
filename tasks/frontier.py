"""The two stages of a sweep that no pipeline has, as tasks: human text, and the verdict."""

from __future__ import annotations

from prefect import task

from tasks.artifacts import publish
from tasks.policy import TASK
from tasks.progress import LiveProgress
from textgen_core.datasets.manifest import Manifest
from textgen_core.frontier import reference, summary
from textgen_core.frontier.settings import ReferenceSettings, SummarySettings


@task(name="reference", task_run_name="{name}", **TASK)
def refer(settings: ReferenceSettings, name: str = "reference") -> Manifest:
    """Let the model read what people wrote."""
    with LiveProgress(name) as progress:
        manifest = reference.refer(settings, progress)
    publish(name, manifest, settings.output)
    return manifest


@task(name="summary", task_run_name="{name}", **TASK)
def summarize(settings: SummarySettings, name: str = "summary") -> Manifest:
    """Compare all settings with human text, and recommend one."""
    with LiveProgress(name) as progress:
        manifest = summary.summarize(settings, progress)
    publish(name, manifest, settings.output)
    return manifest
