"""The tokenization stage as a task."""

from __future__ import annotations

from prefect import task

from tasks.artifacts import publish
from tasks.policy import TASK
from tasks.progress import LiveProgress
from textgen_core.datasets.manifest import Manifest
from textgen_core.stages import Work
from textgen_core.tokenization import stage
from textgen_core.tokenization.settings import TokenizationSettings


@task(name="tokenization", task_run_name="{name}", **TASK)
def tokenize(settings: TokenizationSettings, name: str = "tokenization", work: Work = stage.tokenize) -> Manifest:
    """Turn documents into token sequences."""
    with LiveProgress(name) as progress:
        manifest = work(settings, progress)
    publish(name, manifest, settings.output)
    return manifest
