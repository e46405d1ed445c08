"""The whole pipeline, from a corpus to the report. Its order is data in textgen_core.pipeline; start reading there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prefect import Task, flow

from tasks.artifacts import publish_page
from tasks.evaluation import evaluate
from tasks.generation import generate
from tasks.ingestion import ingest
from tasks.policy import FLOW
from tasks.reporting import report
from tasks.seeding import seed
from tasks.tokenization import tokenize
from tasks.training import train
from textgen_core.config import Config
from textgen_core.datasets.manifest import Manifest
from textgen_core.figures import figure
from textgen_core.markdown import inline, table
from textgen_core.pipeline import Step, run_pipeline
from textgen_core.settings import Settings
from textgen_core.stages import StageName

TASKS: dict[StageName, Task[..., Manifest]] = {
    "ingestion": ingest,
    "seeding": seed,
    "tokenization": tokenize,
    "training": train,
    "generation": generate,
    "evaluation": evaluate,
    "reporting": report,
}


@flow(name="pipeline", flow_run_name="pipeline into {config.output}", **FLOW)
def pipeline(config: Config) -> dict[str, Manifest]:
    """Do everything: documents, tokens, models, generations, metrics, report. What is finished is not done again."""
    fresh: set[str] = set()

    def run(step: Step, settings: Settings) -> Manifest:
        fresh.add(step.name)
        return TASKS[step.stage](settings, name=step.name)

    manifests = run_pipeline(config, run)
    publish_page("pipeline", lambda: summary(config.output, manifests, fresh))
    return manifests


def summary(output: Path, manifests: Mapping[str, Manifest], fresh: set[str]) -> str:
    """Every step with what it did, and where the products lie."""
    rows = [
        {"step": name, "state": "done now" if name in fresh else "was finished", "seconds": manifest.seconds}
        | {"in short": in_short(manifest.facts)}
        for name, manifest in manifests.items()
    ]
    return f"## Products in {inline(os.path.abspath(output), 400)}\n\n{table(rows)}"


def in_short(facts: Mapping[str, Any], count: int = 5) -> str:
    """The first facts of a stage: each stage puts the telling ones first."""
    return ", ".join(f"{name.replace('_', ' ')} {figure(value)}" for name, value in list(facts.items())[:count])
