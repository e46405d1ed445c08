"""The reporting stage as a task."""

from __future__ import annotations

from prefect import task

from tasks.artifacts import publish
from tasks.policy import TASK
from tasks.progress import LiveProgress
from textgen_core.datasets.manifest import Manifest
from textgen_core.reporting import stage
from textgen_core.reporting.settings import ReportingSettings


@task(name="reporting", task_run_name="{name}", **TASK)
def report(settings: ReportingSettings, name: str = "reporting") -> Manifest:
    """Write the page that compares the models."""
    with LiveProgress(name) as progress:
        manifest = stage.report(settings, progress)
    publish(name, manifest, settings.output)
    return manifest
