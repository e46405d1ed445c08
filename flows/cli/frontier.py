"""``textgen frontier``: samplers and knobs swept on one model, and which setting to use."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flows.cli.common import Doing
from flows.cli.extras import resolved_model
from flows.cli.flags import collect, flags_of, settings_from
from flows.cli.output import print_json, print_table, say
from flows.cli.parameters import with_flags
from textgen_core.datasets.manifest import Manifest, read_manifest, stage_directory
from textgen_core.frontier.settings import FrontierSettings
from textgen_core.frontier.steps import FrontierStage, plan
from textgen_core.settings import Settings

BESIDE = {"tokens": "sequences", "corpus": "../documents"}
"""What lies beside a model in a pipeline's output directory."""
COLUMNS = ("sampler", "quality", "diversity", "repetition", "copied_share", "tokens_per_second", "distance")
FLAGS = [
    dataclasses.replace(
        flag, required=False, help=f"{flag.help} Left out: found beside the model in a pipeline's output directory."
    )
    if flag.path[0] in BESIDE
    else flag
    for flag in flags_of(FrontierSettings, ("model", "seeds"))
]


def _frontier(model: str, seeds: str, /, *, doing: Doing | None = None, **given: Any) -> int:
    """Sweep samplers on a model, draw quality against diversity, and recommend the setting nearest to human text.

    Each knob is a stage of its own: what was swept before is not done again, and a killed sweep goes on.

    Args:
        model: A model directory, as OUT/MODEL/model of a pipeline.
        seeds: A seed file; with a hundred prompts or more, as `textgen seeds CORPUS -n 200` draws them.
    """
    doing = doing or Doing()
    settings = settings_from(FrontierSettings, completed(model, seeds, collect(FLAGS, given)), FLAGS)
    if doing.dry_run:
        print_plan(settings, doing)
        return 0
    print_verdict(done(settings, doing), settings, doing)
    return 0


def done(settings: FrontierSettings, doing: Doing) -> Path:
    """Do the sweep, as a flow where a server answers and something is left to do; the directory of its verdict."""
    from flows.cli.dispatch import dispatch

    if all(planned.next is None for planned in plan(settings)):
        return here(settings, doing)
    return Path(dispatch("frontier", settings, lambda: here(settings, doing), doing))


def completed(model: str, seeds: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with what lies beside the model, and with the stage directories that links lead to."""
    folder = Path(model).absolute().parent
    beside = {name: folder / place for name, place in BESIDE.items() if (folder / place).exists()}
    places = {name: stage_directory(Path(place)) for name, place in (beside | _places(values)).items()}
    return {**values, **places, "model": resolved_model(model, None), "seeds": seeds}


def _places(values: Mapping[str, Any]) -> dict[str, Path]:
    return {name: Path(values[name]) for name in BESIDE if name in values}


def here(settings: FrontierSettings, doing: Doing) -> Path:
    """Do the sweep in this process."""
    from textgen_core.frontier.reference import refer
    from textgen_core.frontier.steps import sweep
    from textgen_core.frontier.summary import summarize
    from textgen_core.stages import STAGES

    progress = doing.progress()

    def run(stage: FrontierStage, name: str, of_stage: Settings) -> Manifest:
        doing.note(f"{name}/{stage} ...")
        if stage == "reference":
            return refer(of_stage, progress)  # type: ignore[arg-type]
        if stage == "summary":
            return summarize(of_stage, progress)  # type: ignore[arg-type]
        return STAGES[stage].run(of_stage, progress)

    return sweep(settings, run)


def print_plan(settings: FrontierSettings, doing: Doing) -> None:
    """Say what would be done."""
    rows = [(planned.name, planned.next) for planned in plan(settings)]
    if doing.json:
        print_json([{"knob": name, "next": stage} for name, stage in rows])
        return
    words = ((name, "finished" if stage is None else f"next is {stage}") for name, stage in rows)
    print_table(("knob", "state"), words)


def print_verdict(home: Path, settings: FrontierSettings, doing: Doing) -> None:
    """Print every setting's figures, and which one to use."""
    from textgen_core.datasets.parts import read_table

    facts, rows = read_manifest(home).facts, read_table(home / "frontier").to_pylist()
    if doing.json:
        print_json({"output": settings.output, **facts, "rows": rows})
        return
    marks = (("recommended", "recommended"), ("alike", "may be as near"), ("on_frontier", "frontier"))
    shown = ([*(row[name] for name in COLUMNS), ", ".join(text for name, text in marks if row[name])] for row in rows)
    print_table((*(name.replace("_", " ") for name in COLUMNS), ""), shown)
    say(facts["reason"])
    say(f"Plot:  {os.path.join(os.path.normpath(settings.output), 'frontier.html')}")  # noqa: PTH118


frontier: Callable[..., int] = with_flags(_frontier, FLAGS)
