"""The training stage as a flow of its own."""

from __future__ import annotations

from prefect import flow

from tasks.policy import FLOW
from tasks.training import train
from textgen_core.datasets.manifest import Manifest
from textgen_core.training.settings import TrainingSettings


@flow(name="training", flow_run_name="train on {settings.tokens.name} into {settings.output.name}", **FLOW)
def training(settings: TrainingSettings) -> Manifest:
    """Train a language model on token sequences."""
    return train(settings)
