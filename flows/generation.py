"""The generation stage as a flow of its own: bulk jobs, on demand, by a path to a model or by its role."""

from __future__ import annotations

from pathlib import Path

from prefect import flow

from tasks.generation import generate
from tasks.policy import FLOW
from textgen_core.datasets.manifest import Manifest
from textgen_core.generation.settings import GenerationSettings
from textgen_core.registry import resolve_model


@flow(name="generation", flow_run_name="generate from {settings.seeds.name} with {settings.model.name}", **FLOW)
def generation(settings: GenerationSettings, registry: Path | None = None) -> Manifest:
    """Continue every seed of a seed file with a trained model.

    Args:
        settings: the job. Its model is a directory, or with a registry: champion, previous, or a version such as v3.
        registry: directory in which nightly retraining keeps its versions.
    """
    model = resolve_model(settings.model, registry)
    return generate(settings.model_copy(update={"model": model}))
