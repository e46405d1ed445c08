"""The evaluation stage as a flow of its own."""

from __future__ import annotations

from prefect import flow

from tasks.evaluation import evaluate
from tasks.policy import FLOW
from textgen_core.datasets.manifest import Manifest
from textgen_core.evaluation.settings import EvaluationSettings


@flow(name="evaluation", flow_run_name="evaluate {settings.generations.name}", **FLOW)
def evaluation(settings: EvaluationSettings) -> Manifest:
    """Measure generations, and their model on held-out text."""
    return evaluate(settings)
