"""One round of retraining: read what is new, learn, compare with the champion, and promote only what is better.

    ingestion ── nothing new? end ── tokenization ── training ── challenge ── promote, or keep the champion

A round that was killed is taken up where it stopped: its stages by their manifests, its decision by the registry.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from textgen_core.datasets import digests
from textgen_core.datasets.inputs import digest_of
from textgen_core.datasets.manifest import Manifest, RunKey
from textgen_core.datasets.store import stored
from textgen_core.ingestion.settings import IngestionSettings
from textgen_core.registry import Version, read_registry, resolve_model
from textgen_core.retraining.challenge import challenge_key
from textgen_core.retraining.names import CORPUS, tidy
from textgen_core.retraining.promotion import Outcome, decide
from textgen_core.retraining.settings import ChallengeSettings, RetrainingSettings
from textgen_core.settings import Settings
from textgen_core.stages import STAGES, StageName
from textgen_core.tokenization.settings import TokenizationSettings
from textgen_core.training.settings import TrainingSettings

RoundStage = StageName | Literal["challenge"]
RunStage = Callable[[RoundStage, Settings], Manifest]
"""Does one stage with the settings it is given: in this process, or as a Prefect task."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Made:
    """Stage directories of one round, up to the decision. Without a model nothing was new."""

    corpus: Path
    recipe: dict[str, str]
    tokens: Path | None = None
    model: Path | None = None
    challenge: Path | None = None


def retrain(settings: RetrainingSettings, run: RunStage) -> Outcome:
    """Do one round.

    Raises:
        TextgenError: a stage failed; the champion stays.
    """
    made = make(settings, run)
    outcome = decide(settings.registry, settings.margin, made.recipe, made.model, made.challenge)
    tidy(settings.registry, settings.keep, made.corpus, made.tokens, made.challenge)
    log.info("%s: %s", outcome.action, outcome.reason)
    return outcome


def make(settings: RetrainingSettings, run: RunStage) -> Made:
    """Do the stages of one round that are not finished. The registry stays as it is."""
    home = settings.registry
    corpus = _place(home, run, "ingestion", lambda output: _ingestion(settings, output))
    recipe = _recipe(settings, corpus)
    known = read_registry(home)
    if known.recipe == recipe:
        return Made(corpus, recipe)
    warm = warm_start(settings, known.champion, recipe) or settings.training.warm_start
    tokenization = {**settings.tokenization.fields(), "corpus": corpus, "reuse": warm}
    tokens = _place(home, run, "tokenization", lambda output: TokenizationSettings(**tokenization, output=output))
    training = {**settings.training.fields(), "tokens": tokens, "warm_start": warm}
    model = _place(home, run, "training", lambda output: TrainingSettings(**training, output=output))
    if known.champion is None:
        return Made(corpus, recipe, tokens, model)
    models = {"champion": resolve_model("champion", home), "challenger": model, "device": settings.training.device}
    contest = {**settings.challenge.fields(), **models, "pairs": settings.tokenization.pairs, "corpus": corpus}
    judged = _place(home, run, "challenge", lambda output: ChallengeSettings(**contest, output=output))
    return Made(corpus, recipe, tokens, model, judged)


def warm_start(settings: RetrainingSettings, champion: Version | None, recipe: dict[str, str]) -> Path | None:
    """The champion's directory, if the new model is to go on from it and has its architecture and tokenizer.

    A model that is counted has nothing to go on from: it reads the whole corpus in any case.
    """
    if settings.start == "scratch" or champion is None or settings.training.counted:
        return None
    changed = [name for name in ("model", "tokenization") if champion.recipe.get(name) != recipe[name]]
    if changed:
        log.warning("Settings of %s are not the champion's: this training starts from scratch", " and ".join(changed))
        return None
    return resolve_model("champion", settings.registry)


def _recipe(settings: RetrainingSettings, corpus: Path) -> dict[str, str]:
    """Digests of all that a version is made from, but for the champion it may start from."""
    training = settings.training.canonical()
    parts = {"tokenization": settings.tokenization.canonical(), "model": training.pop("model"), "training": training}
    documents = {"documents": digest_of(corpus, "documents")}
    return documents | {name: digests.of_value(part) for name, part in parts.items()}


def _ingestion(settings: RetrainingSettings, output: Path) -> IngestionSettings:
    last = settings.registry / CORPUS
    previous = last.resolve() if last.exists() else None
    return IngestionSettings(**settings.ingestion.fields(), output=output, previous=previous)


def _place(home: Path, run: RunStage, stage: RoundStage, settings: Callable[[Path], Settings]) -> Path:
    """The finished directory of a stage, named by its run key; the stage is run if it isn't there."""
    key_of: Callable[[Any], RunKey] = challenge_key if stage == "challenge" else STAGES[stage].key
    return stored(home, stage, key_of, settings, lambda of_stage: run(stage, of_stage))
