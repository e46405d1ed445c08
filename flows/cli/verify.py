"""``textgen verify``: does everything still hold what its manifest says?"""

from __future__ import annotations

from pathlib import Path

from flows.cli.common import Common
from flows.cli.examine import products
from flows.cli.output import print_json, say
from textgen_core.datasets.manifest import find_manifest, read_manifest
from textgen_core.datasets.verify import verify as problems_of


def verify(directory: Path, /, *, common: Common | None = None) -> int:
    """Check every file of a directory against its manifest; exit code 1 if anything is wrong.

    Args:
        directory: A stage directory, a dataset in one, or the output directory of a pipeline, of which all are checked.
    """
    common = common or Common()
    found = find_manifest(directory.resolve())
    stages = {found: [str(directory)]} if found else by_stage(directory)
    if not stages:
        read_manifest(directory)  # raises, and says what to do about it
    problems = {}
    for stage, names in stages.items():
        problems[str(stage)] = problems_of(stage)
        if not common.json:
            say(f"{'damaged' if problems[str(stage)] else 'whole'}  {', '.join(names)}")
            for problem in problems[str(stage)]:
                say(f"  {problem}")
    if common.json:
        print_json({"whole": not any(problems.values()), "problems": problems})
    return 1 if any(problems.values()) else 0


def by_stage(out: Path) -> dict[Path, list[str]]:
    """The stage directories of a pipeline, each with the names of its products."""
    stages: dict[Path, list[str]] = {}
    for name, stage in products(out).items():
        stages.setdefault(stage, []).append(name)
    return stages
