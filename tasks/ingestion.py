"""The ingestion stage as a task."""

from __future__ import annotations

from prefect import task

from tasks.artifacts import publish
from tasks.policy import TASK
from tasks.progress import LiveProgress
from textgen_core.datasets.manifest import Manifest
from textgen_core.ingestion import stage
from textgen_core.ingestion.settings import IngestionSettings
from textgen_core.stages import Work


@task(name="ingestion", task_run_name="{name}", **TASK)
def ingest(settings: IngestionSettings, name: str = "ingestion", work: Work = stage.ingest) -> Manifest:
    """Read a corpus into documents."""
    with LiveProgress(name) as progress:
        manifest = work(settings, progress)
    publish(name, manifest, settings.output)
    return manifest
