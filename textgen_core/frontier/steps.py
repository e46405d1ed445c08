"""A sweep, as stages that each lie in the store under their run keys, so that a killed one goes on where it stopped.

human text ── evaluation ──┐
KNOB ─ generation ─ evaluation ─ ... ─ summary
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from textgen_core.datasets.links import point
from textgen_core.datasets.manifest import Manifest, RunKey, read_manifest
from textgen_core.datasets.store import at_work, stored
from textgen_core.datasets.unfinished import UnfinishedError, stop
from textgen_core.evaluation.origins import check_origins
from textgen_core.evaluation.settings import EvaluationSettings
from textgen_core.frontier.reference import check_continues, reference_key
from textgen_core.frontier.settings import (
    HUMAN,
    FrontierSettings,
    ReferenceSettings,
    SummarySettings,
    Sweep,
    sampler_name,
    sampler_of,
)
from textgen_core.frontier.summary import PAGE, summary_key
from textgen_core.generation.settings import GenerationSettings
from textgen_core.settings import Settings
from textgen_core.stages import STAGES

log = logging.getLogger(__name__)

FEWEST = 100
"""Prompts with which settings begin to be told apart; of fewer the intervals overlap."""

FrontierStage = Literal["reference", "generation", "evaluation", "summary"]
RunStage = Callable[[FrontierStage, str, Settings], Manifest]
"""Does one stage, of the knob of that name, with the settings it is given: in this process, or as a Prefect task."""

KEYS: dict[FrontierStage, Callable[[], Callable[[Any], RunKey]]] = {
    "reference": lambda: reference_key,
    "generation": lambda: STAGES["generation"].key,
    "evaluation": lambda: STAGES["evaluation"].key,
    "summary": lambda: summary_key,
}


def sweep(settings: FrontierSettings, run: RunStage) -> Path:
    """Do what is not finished of a sweep, name it in the output directory, and return the summary's directory.

    Raises:
        TextgenError: a stage failed, what was finished before stays; or another process is at work there.
    """
    with at_work(settings.output):
        return _swept_all(settings, run)


def _swept_all(settings: FrontierSettings, run: RunStage) -> Path:
    human = _human(settings, run)
    sweeps = tuple(_swept(settings, knob, run) for knob in settings.sweeps)
    summary = _stored(
        settings,
        run,
        "summary",
        "frontier",
        lambda output: SummarySettings(human=human, sweeps=sweeps, values=settings.sweeps, output=output),
    )
    for each in (human, *sweeps):
        point(settings.output / each.knob / "generations", each.generations / "generations")
        point(settings.output / each.knob / "scores", each.evaluation / "scores")
        point(settings.output / each.knob / "metrics", each.evaluation / "metrics")
    for product in ("frontier", PAGE):
        point(settings.output / product, summary / product)
    return summary


@dataclass(frozen=True, slots=True)
class Planned:
    """The first stage of a knob that is not finished; None where all are."""

    name: str
    next: FrontierStage | None


def plan(settings: FrontierSettings) -> list[Planned]:
    """What ``sweep`` would do, without doing any of it and without loading anything heavy."""
    human = Planned(HUMAN, _first_unfinished(partial(_human, settings)))
    return [human, *(Planned(knob, _first_unfinished(partial(_swept, settings, knob))) for knob in settings.sweeps)]


def _first_unfinished(branch: Callable[[RunStage], Sweep]) -> FrontierStage | None:
    try:
        branch(stop)
    except UnfinishedError as found:
        stage: FrontierStage = found.stage
        return stage
    return None


def _human(settings: FrontierSettings, run: RunStage) -> Sweep:
    check_origins(settings.model, settings.tokens, settings.corpus)  # before texts are made that nothing could measure
    check_continues(settings.model)
    told = {name: getattr(settings, name) for name in ReferenceSettings.model_fields if name not in ("pairs", "output")}
    made = _stored(settings, run, "reference", HUMAN, lambda output: ReferenceSettings(**told, output=output))
    facts = read_manifest(made).facts
    if (prompts := facts["rows"] + facts["overlapping"]) < FEWEST:
        log.warning("%d prompts hardly tell settings apart: %d do, by `textgen seeds CORPUS -n 200`", prompts, FEWEST)
    return _evaluated(settings, HUMAN, made, run)


def _swept(settings: FrontierSettings, knob: str, run: RunStage) -> Sweep:
    shared = ("model", "seeds", "max_new_tokens", "seed", "prompt_column", "id_column", "lanes", "device")
    told = {name: getattr(settings, name) for name in shared}
    samplers = {sampler_name(knob, value): sampler_of(knob, value) for value in settings.sweeps[knob]}
    made = _stored(
        settings, run, "generation", knob, lambda output: GenerationSettings(**told, samplers=samplers, output=output)
    )
    return _evaluated(settings, knob, made, run)


def _evaluated(settings: FrontierSettings, knob: str, generations: Path, run: RunStage) -> Sweep:
    shared = ("model", "tokens", "corpus", "held_out", "copied_span_characters", "device")
    told = {name: getattr(settings, name) for name in shared} | {"generations": generations, "held_out_tokens": 0}
    made = _stored(settings, run, "evaluation", knob, lambda output: EvaluationSettings(**told, output=output))
    return Sweep(knob=knob, generations=generations, evaluation=made)


def _stored(
    settings: FrontierSettings, run: RunStage, stage: FrontierStage, name: str, of_stage: Callable[[Path], Settings]
) -> Path:
    return stored(settings.output, stage, KEYS[stage](), of_stage, lambda chosen: run(stage, name, chosen))
