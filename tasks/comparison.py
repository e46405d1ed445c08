"""The stages of a comparison that no pipeline has, as one task: it is told what does them."""

from __future__ import annotations

from prefect import task

from tasks.artifacts import publish
from tasks.policy import TASK
from tasks.progress import LiveProgress
from textgen_core.datasets.manifest import Manifest
from textgen_core.settings import Settings
from textgen_core.stages import Work


@task(name="comparison", task_run_name="{name}", **TASK)
def of_comparison(settings: Settings, name: str, work: Work) -> Manifest:
    """Take a share of the corpus, measure a pace, refer to human text, read texts, or put all cells side by side."""
    with LiveProgress(name) as progress:
        manifest = work(settings, progress)
    publish(name, manifest, settings.output)  # type: ignore[attr-defined]
    return manifest
