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

from pydantic import BaseModel, ConfigDict

from textgen_core.datasets import digests
from textgen_core.datasets.manifest import Manifest, RunKey, read_manifest
from textgen_core.datasets.stage import finished
from textgen_core.datasets.store import place
from textgen_core.ingestion.settings import IngestionSettings
from textgen_core.registry import Version, keep_champion, promote, read_registry, resolve_model
from textgen_core.retraining.challenge import challenge_key
from textgen_core.retraining.names import CORPUS, tidy
from textgen_core.retraining.settings import ChallengeSettings, RetrainingSettings
from textgen_core.settings import Settings
from textgen_core.stages import STAGES, StageName
from textgen_core.tokenization.settings import TokenizationSettings
from textgen_core.training.settings import TrainingSettings

RoundStage = StageName | Literal["challenge"]
RunStage = Callable[[RoundStage, Settings], Manifest]
"""Does one stage with the settings it is given: in this process, or as a Prefect task."""
Action = Literal["promoted", "kept champion", "nothing new"]

log = logging.getLogger(__name__)


class Outcome(BaseModel):
    """How a round ended."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Action
    champion: str
    """Model directory of whoever is champion now."""
    reason: str
    figures: dict[str, float]
    """What the decision was made from; empty where nothing was compared."""


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
    outcome = _decide(settings, made)
    tidy(settings.registry, settings.keep, made.corpus, made.tokens, made.challenge)
    log.info("%s: %s", outcome.action, outcome.reason)
    return outcome


def make(settings: RetrainingSettings, run: RunStage) -> Made:
    """Do the stages of one round that are not finished. The registry stays as it is."""
    home = settings.registry
    corpus = _place(home, run, "ingestion", lambda output: _ingestion(settings, output))
    recipe = _recipe(settings, corpus)
    known = read_registry(home)
    if known.versions and known.versions[-1].recipe == recipe:
        return Made(corpus, recipe)
    warm = warm_start(settings, known.champion, recipe)
    tokenization = {**settings.tokenization.fields(), "corpus": corpus, "reuse": warm}
    tokens = _place(home, run, "tokenization", lambda output: TokenizationSettings(**tokenization, output=output))
    training = {**settings.training.fields(), "tokens": tokens, "warm_start": warm}
    model = _place(home, run, "training", lambda output: TrainingSettings(**training, output=output))
    if known.champion is None:
        return Made(corpus, recipe, tokens, model)
    models = {"champion": resolve_model("champion", home), "challenger": model, "device": settings.training.device}
    contest = {**settings.challenge.fields(), **models, "corpus": corpus}
    judged = _place(home, run, "challenge", lambda output: ChallengeSettings(**contest, output=output))
    return Made(corpus, recipe, tokens, model, judged)


def _decide(settings: RetrainingSettings, made: Made) -> Outcome:
    """Note in the registry what becomes of the model that was made."""
    home = settings.registry
    if made.model is None:
        return _outcome("nothing new", home, f"v{read_registry(home).versions[-1].number} was made from the same")
    if made.challenge is None:
        promote(home, made.model, made.recipe, "the first model", {})
        return _outcome("promoted", home, "the first model")
    figures = {name: float(value) for name, value in read_manifest(made.challenge).facts.items()}
    better = figures["gain"] >= settings.margin
    how = "better" if figures["gain"] > 0 else "worse"
    reason = f"{how} by {abs(figures['gain']):.4f} bits per character; better by {settings.margin:g} is asked for"
    (promote if better else keep_champion)(home, made.model, made.recipe, reason, figures)
    return _outcome("promoted" if better else "kept champion", home, reason, figures)


def warm_start(settings: RetrainingSettings, champion: Version | None, recipe: dict[str, str]) -> Path | None:
    """The champion's directory, if the new model is to go on from it and has its architecture and tokenizer."""
    if settings.start == "scratch" or champion is None:
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
    documents = {"documents": read_manifest(corpus).digest("documents")}
    return documents | {name: digests.of_value(part) for name, part in parts.items()}


def _ingestion(settings: RetrainingSettings, output: Path) -> IngestionSettings:
    last = settings.registry / CORPUS
    previous = last.resolve() if last.exists() else None
    return IngestionSettings(**settings.ingestion.fields(), output=output, previous=previous)


def _place(home: Path, run: RunStage, stage: RoundStage, settings: Callable[[Path], Settings]) -> Path:
    """The finished directory of a stage, named by its run key; the stage is run if it isn't there."""
    key_of: Callable[[Any], RunKey] = challenge_key if stage == "challenge" else STAGES[stage].key
    key = key_of(settings(home / stage))
    output = place(home, stage, key)
    if finished(output, key) is None:
        run(stage, settings(output))
    return output


def _outcome(action: Action, home: Path, reason: str, figures: dict[str, float] | None = None) -> Outcome:
    return Outcome(action=action, champion=str(resolve_model("champion", home)), reason=reason, figures=figures or {})
