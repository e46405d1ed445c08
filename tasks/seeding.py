"""The seeding stage as a task."""

from __future__ import annotations

from prefect import task

from tasks.artifacts import publish
from tasks.policy import TASK
from tasks.progress import LiveProgress
from textgen_core.datasets.manifest import Manifest
from textgen_core.seeding import stage
from textgen_core.seeding.settings import SeedingSettings
from textgen_core.stages import Work


@task(name="seeding", task_run_name="{name}", **TASK)
def seed(settings: SeedingSettings, name: str = "seeding", work: Work = stage.seed) -> Manifest:
    """Draw a seed file from held-out documents."""
    with LiveProgress(name) as progress:
        manifest = work(settings, progress)
    publish(name, manifest, settings.output)
    return manifest
