"""The generation stage as a task."""

from __future__ import annotations

from prefect import task

from tasks import sections
from tasks.artifacts import publish
from tasks.policy import TASK
from tasks.progress import LiveProgress
from textgen_core.datasets.manifest import Manifest
from textgen_core.generation import stage
from textgen_core.generation.settings import GenerationSettings


@task(name="generation", task_run_name="{name}", **TASK)
def generate(settings: GenerationSettings, name: str = "generation") -> Manifest:
    """Continue every seed; shows samples of each sampler."""
    with LiveProgress(name) as progress:
        manifest = stage.generate(settings, progress)
    publish(name, manifest, settings.output, lambda: sections.samples(settings.output))
    return manifest
