"""``textgen retrain``: one round of what a schedule does every night."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.cli.common import Doing
from flows.cli.flags import collect, flags_of, settings_from
from flows.cli.output import print_json, print_table, say
from flows.cli.parameters import with_flags
from textgen_core.config import read_yaml
from textgen_core.datasets.manifest import Manifest
from textgen_core.datasets.unfinished import UnfinishedError, stop
from textgen_core.progress import Progress
from textgen_core.retraining.settings import RetrainingSettings
from textgen_core.settings import Settings, validated

if TYPE_CHECKING:
    from textgen_core.retraining.promotion import Outcome
    from textgen_core.retraining.rounds import RoundStage

# A configuration may hold any of them.
FLAGS = [dataclasses.replace(flag, required=False) for flag in flags_of(RetrainingSettings)]


def _retrain(config: Path | None = None, /, *, doing: Doing | None = None, **given: Any) -> int:
    """One round of retraining: read what is new, train, compare with the champion, promote only what is better.

    `textgen up --nightly FOLDER` does the same every night.

    Args:
        config: A YAML file with these settings; flags override it. Paths in it are relative to its folder.
    """
    doing = doing or Doing()
    flags = collect(FLAGS, given)
    values = merged(read_yaml(config) if config else {}, flags)
    if config and not flags:
        settings = validated(RetrainingSettings, values, str(config))
    else:
        settings = settings_from(RetrainingSettings, values, FLAGS)
    if doing.dry_run:
        print_next(next_step(settings), settings, doing)
        return 0
    from flows.cli.dispatch import dispatch

    print_outcome(dispatch("retraining", settings, lambda: here(settings, doing), doing), settings, doing)
    return 0


def merged(values: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Nested values, those of the second before those of the first."""
    both = dict(values)
    for name, value in over.items():
        below = both.get(name)
        both[name] = merged(below, value) if isinstance(value, dict) and isinstance(below, dict) else value
    return both


def here(settings: RetrainingSettings, doing: Doing) -> Outcome:
    """Do the round in this process."""
    from textgen_core.retraining.challenge import challenge
    from textgen_core.retraining.rounds import retrain
    from textgen_core.stages import STAGES

    progress = doing.progress()

    def run(stage: RoundStage, of_stage: Settings) -> Manifest:
        doing.note(f"{stage} ...")
        function: Callable[[Any, Progress], Manifest] = challenge if stage == "challenge" else STAGES[stage].run
        return function(of_stage, progress)

    return retrain(settings, run)


def next_step(settings: RetrainingSettings) -> str:
    """What a round would start with: a stage, ``decide`` if all are finished, or ``nothing`` if nothing is new."""
    from textgen_core.retraining.rounds import make

    try:
        return "decide" if make(settings, stop).model else "nothing"
    except UnfinishedError as found:
        return str(found.stage)


def print_next(step: str, settings: RetrainingSettings, doing: Doing) -> None:
    """Say what a round would do."""
    if doing.json:
        print_json({"registry": settings.registry, "next": step})
        return
    words = {"nothing": "There is nothing new.", "decide": "All is made; only the decision would be taken."}
    say(words.get(step, f"Would run {step}, and then what follows from it."))


def print_outcome(outcome: Outcome, settings: RetrainingSettings, doing: Doing) -> None:
    """Print what was decided."""
    if doing.json:
        print_json(outcome.model_dump(mode="json"))
        return
    say(f"{outcome.action.capitalize()}: {outcome.reason}")
    if outcome.figures:
        print_table(("", ""), outcome.figures.items())
    say(f"Champion:   {outcome.champion}")
    say(f"Versions:   textgen registry list {settings.registry}")
    say(f"Generate:   textgen generate champion SEEDS --registry {settings.registry} -o OUT")


retrain: Callable[..., int] = with_flags(_retrain, FLAGS)
