"""The seven stages by name: the settings each takes, the key it runs under, and the function that does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from textgen_core.datasets.manifest import Manifest, RunKey
from textgen_core.evaluation.settings import EvaluationSettings
from textgen_core.evaluation.stage import evaluate, evaluation_key
from textgen_core.generation.settings import GenerationSettings
from textgen_core.generation.stage import generate, generation_key
from textgen_core.ingestion.settings import IngestionSettings
from textgen_core.ingestion.stage import ingest, ingestion_key
from textgen_core.progress import Progress
from textgen_core.reporting.settings import ReportingSettings
from textgen_core.reporting.stage import report, reporting_key
from textgen_core.seeding.settings import SeedingSettings
from textgen_core.seeding.stage import seed, seeding_key
from textgen_core.settings import Settings
from textgen_core.tokenization.settings import TokenizationSettings
from textgen_core.tokenization.stage import tokenization_key, tokenize
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.stage import train, training_key

StageName = Literal["ingestion", "seeding", "tokenization", "training", "generation", "evaluation", "reporting"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: ``run(settings, progress)`` writes ``settings.output`` once, under ``key(settings)``."""

    settings: type[Settings]
    key: Callable[[Any], RunKey]
    run: Callable[[Any, Progress], Manifest]


STAGES: dict[StageName, Stage] = {
    "ingestion": Stage(IngestionSettings, ingestion_key, ingest),
    "seeding": Stage(SeedingSettings, seeding_key, seed),
    "tokenization": Stage(TokenizationSettings, tokenization_key, tokenize),
    "training": Stage(TrainingSettings, training_key, train),
    "generation": Stage(GenerationSettings, generation_key, generate),
    "evaluation": Stage(EvaluationSettings, evaluation_key, evaluate),
    "reporting": Stage(ReportingSettings, reporting_key, report),
}
