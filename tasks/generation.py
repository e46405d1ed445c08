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
from textgen_core.stages import Work


@task(name="generation", task_run_name="{name}", **TASK)
def generate(settings: GenerationSettings, name: str = "generation", work: Work = stage.generate) -> Manifest:
    """Continue every seed; shows samples of each sampler."""
    with LiveProgress(name) as progress:
        manifest = work(settings, progress)
    publish(name, manifest, settings.output, lambda: sections.samples(settings.output))
    return manifest
