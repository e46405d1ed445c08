"""``textgen compare``: a grid of models on one corpus, and which to use."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from flows.cli.common import Doing
from flows.cli.output import print_json, print_table, say
from textgen_core.comparison.cells import grid
from textgen_core.comparison.settings import ComparisonSettings
from textgen_core.comparison.steps import Planned, plan
from textgen_core.config import read_yaml
from textgen_core.datasets.manifest import Manifest, read_manifest
from textgen_core.errors import TrainingError
from textgen_core.figures import figure
from textgen_core.settings import Settings, validated
from textgen_core.stages import Work

TRAINED = ("share", "tokenization", "pace", "training")
"""What comes next of a cell whose training is not done."""
COLUMNS = ("cell", "bits_per_char", "parameters", "steps", "training_seconds", "characters_per_second")


def compare(config: Path, /, *, doing: Doing | None = None) -> int:
    """Train families at several levels, sizes and shares of a corpus, measure all alike, and say what follows from it.

    Every cell of the grid is a chain of stages: what is finished is not done again, and a killed comparison goes on. A
    cell that fails is a row with the reason, and is tried again with the next call. The exit code is 0 unless
    all fail.

    Args:
        config: A YAML file; textgen init BOOK.txt --compare writes one. Paths in it are relative to its folder.
    """
    doing = doing or Doing()
    settings = validated(ComparisonSettings, read_yaml(config), str(config))
    if doing.dry_run:
        print_plan(settings, doing)
        return 0
    print_findings(done(settings, doing), settings, doing)
    return 0


def done(settings: ComparisonSettings, doing: Doing) -> Path:
    """Do the comparison, as a flow where a server answers and something is left to do; the directory of its summary."""
    from flows.cli.dispatch import dispatch

    planned = plan(settings)
    if all(each.next is None for each in planned):
        return here(settings, doing)
    if left := _trainings(settings, planned):
        doing.note(_cost(settings, left))
    return Path(dispatch("comparison", settings, lambda: here(settings, doing), doing))


def here(settings: ComparisonSettings, doing: Doing) -> Path:
    """Do the comparison in this process."""
    from textgen_core.comparison.stages import ComparisonStage
    from textgen_core.comparison.steps import compare

    progress = doing.progress()
    places = {cell.name: place for place, cell in enumerate(grid(settings), start=1)}

    def run(stage: ComparisonStage, name: str, of_stage: Settings, work: Work) -> Manifest:
        place = places.get(name.split("/")[0])
        doing.note(f"{name} ..." if place is None else f"[{place}/{len(places)}] {name} ...")
        return work(of_stage, progress)

    return compare(settings, run)


def print_plan(settings: ComparisonSettings, doing: Doing) -> None:
    """Say what would be done, and how long the trainings that are left would take together, if that is known."""
    planned = plan(settings)
    if doing.json:
        print_json([{"part": each.name, "next": each.next, "failure": each.failure} for each in planned])
        return
    print_table(("part", "state"), ((each.name, _state(each.next, each.failure)) for each in planned))
    if left := _trainings(settings, planned):
        say(_cost(settings, left))


def _trainings(settings: ComparisonSettings, planned: Sequence[Planned]) -> int:
    """How many trainings by gradients are left to do."""
    cells = zip(grid(settings), planned[1:], strict=True)
    return sum(
        each.next in TRAINED and each.failure is None and not settings.families[cell.variant].counted
        for cell, each in cells
    )


def _cost(settings: ComparisonSettings, trainings: int) -> str:
    budget = settings.budget
    if budget.seconds is None:
        return (
            f"Trainings to do: {trainings}, of {budget.steps:,} steps. How long steps take shows when they are made; "
            "with budget.seconds it is known before."
        )
    minutes = figure(budget.seconds * trainings / 60)
    return f"Trainings to do: {trainings}, of {budget.seconds:g} s: {minutes} minutes. The rest comes on top."


def _state(next_stage: str | None, failure: str | None) -> str:
    if failure is not None:
        return f"can't be: {failure}"
    return "finished" if next_stage is None else f"next is {next_stage}"


def print_findings(home: Path, settings: ComparisonSettings, doing: Doing) -> None:
    """Print every cell's figures, the verdicts, and where the page is.

    Raises:
        TrainingError: no cell was finished.
    """
    from textgen_core.datasets.parts import read_table

    rows, verdicts = (read_table(home / name).to_pylist() for name in ("comparison", "verdicts"))
    failed = [row for row in rows if row["failure"] is not None]
    if doing.json:
        print_json({"output": settings.output, **read_manifest(home).facts, "rows": rows, "verdicts": verdicts})
    else:
        shown = [[row[name] for name in COLUMNS] for row in rows if row["failure"] is None]
        print_table([name.replace("_", " ") for name in COLUMNS], shown)
        for row in failed:
            say(f"{row['cell']} failed in {row['failed_stage']}: {row['failure']}")
        for verdict in verdicts:
            say(f"{verdict['question']} {verdict['answer'].capitalize()}. {verdict['reason']}")
        say(f"Page:  {os.path.join(os.path.normpath(settings.output), 'comparison.html')}")  # noqa: PTH118
    if len(failed) == len(rows):
        raise TrainingError("a cell at least must come to its end", failed[0]["failure"], "Mend that, and run it again")
