"""The comparison of champion and challenger as a task."""

from __future__ import annotations

from prefect import task

from tasks.artifacts import publish
from tasks.policy import TASK
from tasks.progress import LiveProgress
from textgen_core.datasets.manifest import Manifest
from textgen_core.retraining import challenge as stage
from textgen_core.retraining.settings import ChallengeSettings


@task(name="challenge", task_run_name="{name}", **TASK)
def challenge(settings: ChallengeSettings, name: str = "challenge") -> Manifest:
    """Score the same held-out documents with champion and challenger."""
    with LiveProgress(name) as progress:
        manifest = stage.challenge(settings, progress)
    publish(name, manifest, settings.output)
    return manifest
