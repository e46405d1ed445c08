"""The evaluation stage as a task."""

from __future__ import annotations

from prefect import task

from tasks import sections
from tasks.artifacts import publish, publish_table
from tasks.policy import TASK
from tasks.progress import LiveProgress
from textgen_core.datasets.manifest import Manifest
from textgen_core.evaluation import stage
from textgen_core.evaluation.settings import EvaluationSettings
from textgen_core.stages import Work


@task(name="evaluation", task_run_name="{name}", **TASK)
def evaluate(settings: EvaluationSettings, name: str = "evaluation", work: Work = stage.evaluate) -> Manifest:
    """Measure generations and model; shows the metrics."""
    with LiveProgress(name) as progress:
        manifest = work(settings, progress)
    publish(name, manifest, settings.output, lambda: sections.metrics(settings.output))
    publish_table(f"{name} metrics", lambda: sections.metric_rows(settings.output))
    return manifest
