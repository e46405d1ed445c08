"""The seven stages by name: the settings each takes, the key it runs under, and the function that does it.

A stage is imported when it is asked for something, so that a command loads no other stage than its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from textgen_core.datasets.manifest import Manifest, RunKey
from textgen_core.progress import Progress
from textgen_core.settings import Settings

Work = Callable[[Any, Progress], Manifest]
"""Does a stage: it takes the settings and where to report, and returns the manifest."""

StageName = Literal["ingestion", "seeding", "tokenization", "training", "generation", "evaluation", "reporting"]


class _Parts(NamedTuple):
    settings: type[Settings]
    key: Callable[[Any], RunKey]
    run: Work


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: ``run(settings, progress)`` writes ``settings.output`` once, under ``key(settings)``."""

    load: Callable[[], _Parts]

    @property
    def settings(self) -> type[Settings]:
        """The class of its settings."""
        return self.load().settings

    @property
    def key(self) -> Callable[[Any], RunKey]:
        """The function that makes its run key from its settings."""
        return self.load().key

    @property
    def run(self) -> Work:
        """The function that does it."""
        return self.load().run


def _ingestion() -> _Parts:
    from textgen_core.ingestion.settings import IngestionSettings
    from textgen_core.ingestion.stage import ingest, ingestion_key

    return _Parts(IngestionSettings, ingestion_key, ingest)


def _seeding() -> _Parts:
    from textgen_core.seeding.settings import SeedingSettings
    from textgen_core.seeding.stage import seed, seeding_key

    return _Parts(SeedingSettings, seeding_key, seed)


def _tokenization() -> _Parts:
    from textgen_core.tokenization.settings import TokenizationSettings
    from textgen_core.tokenization.stage import tokenization_key, tokenize

    return _Parts(TokenizationSettings, tokenization_key, tokenize)


def _training() -> _Parts:
    from textgen_core.training.settings import TrainingSettings
    from textgen_core.training.stage import train, training_key

    return _Parts(TrainingSettings, training_key, train)


def _generation() -> _Parts:
    from textgen_core.generation.settings import GenerationSettings
    from textgen_core.generation.stage import generate, generation_key

    return _Parts(GenerationSettings, generation_key, generate)


def _evaluation() -> _Parts:
    from textgen_core.evaluation.settings import EvaluationSettings
    from textgen_core.evaluation.stage import evaluate, evaluation_key

    return _Parts(EvaluationSettings, evaluation_key, evaluate)


def _reporting() -> _Parts:
    from textgen_core.reporting.settings import ReportingSettings
    from textgen_core.reporting.stage import report, reporting_key

    return _Parts(ReportingSettings, reporting_key, report)


STAGES: dict[StageName, Stage] = {
    "ingestion": Stage(_ingestion),
    "seeding": Stage(_seeding),
    "tokenization": Stage(_tokenization),
    "training": Stage(_training),
    "generation": Stage(_generation),
    "evaluation": Stage(_evaluation),
    "reporting": Stage(_reporting),
}
