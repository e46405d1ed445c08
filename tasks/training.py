"""The training stage as a task."""

from __future__ import annotations

from prefect import task

from tasks import sections
from tasks.artifacts import publish
from tasks.policy import TASK
from tasks.progress import LiveProgress
from textgen_core.datasets.manifest import Manifest
from textgen_core.stages import Work
from textgen_core.training import stage
from textgen_core.training.settings import TrainingSettings


@task(name="training", task_run_name="{name}", **TASK)
def train(settings: TrainingSettings, name: str = "training", work: Work = stage.train) -> Manifest:
    """Train a model; shows its loss curve."""
    with LiveProgress(name) as progress:
        manifest = work(settings, progress)
    publish(name, manifest, settings.output, lambda: sections.loss_curve(settings.output))
    return manifest
