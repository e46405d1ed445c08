"""Contestants of a benchmark of decoding: each is tuned, then they take turns, and a table compares their medians."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Setting = Mapping[str, Any]
Run = Callable[[Setting], dict[str, float]]
"""One run with a setting, ``rows`` among it: new tokens, seconds, processor seconds."""

LIMIT = "matrix products alone"
"""The name of the contestant that multiplies and does nothing else."""


@dataclass(frozen=True)
class Contestant:
    """settings: those it may be tuned to, the first where there is no time. rows: prompts in one of its turns. facts:
    its versions."""

    name: str
    run: Run
    settings: Sequence[Setting]
    rows: int
    facts: Setting = field(default_factory=dict)

    def turn(self, setting: Setting, rows: int) -> dict[str, float]:
        """One run of at least so many rows: of whole batches, one for each worker."""
        wave = setting.get("batch", 1) * setting.get("workers", 1)
        rows = -(-rows // wave) * wave
        return {"rows": rows, **self.run({**setting, "rows": rows})}


def speed(run: Mapping[str, float]) -> float:
    """Tokens a second."""
    return run["tokens"] / run["seconds"]


def tune(contestant: Contestant) -> Setting:
    """Its fastest setting: the better of two runs each, of one batch a worker. The first may compile."""
    return max(contestant.settings, key=lambda setting: max(speed(contestant.turn(setting, 1)) for _ in range(2)))


def tuned(contestants: Sequence[Contestant], file: Path | None, quick: bool) -> dict[str, Setting]:
    """The setting of each: from the file, or the first, or tuned now.

    Raises:
        SystemExit: the file lacks one.
    """
    if quick:
        return {each.name: each.settings[0] for each in contestants}
    if file is None:
        return {each.name: tune(each) for each in contestants}
    known: dict[str, Setting] = json.loads(file.read_text("utf-8"))
    if missing := [each.name for each in contestants if each.name not in known]:
        sys.exit(f"{file} must have a setting for {', '.join(missing)}: tune them with --tune {file}")
    return {each.name: known[each.name] for each in contestants}


def keep(settings: Mapping[str, Setting], file: Path) -> None:
    """Add settings to a file, so that contestants may be tuned one after the other."""
    known = json.loads(file.read_text("utf-8")) if file.exists() else {}
    file.write_text(json.dumps({**known, **settings}, indent=2) + "\n", "utf-8")


def turns(contestants: Sequence[Contestant], settings: Mapping[str, Setting], runs: int) -> list[dict[str, Any]]:
    """One line a contestant after so many rounds of turns; the round before them, which may compile, doesn't count."""
    rounds = [[each.turn(settings[each.name], each.rows) for each in contestants] for _ in range(runs + 1)]
    return [
        {"name": each.name, "setting": settings[each.name], "runs": runs, **_medians(own[1:]), **each.facts}
        for each, own in zip(contestants, zip(*rounds, strict=True), strict=True)
    ]


def _medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Tokens a second by the clock and by the processors; of the clock also the slowest and the fastest run."""
    speeds = sorted(map(speed, runs))
    return {
        "rows": runs[0]["rows"],
        "tokens/s": statistics.median(speeds),
        "lowest": speeds[0],
        "highest": speeds[-1],
        "a processor second": statistics.median(run["tokens"] / run["processor"] for run in runs),
    }


def compared(lines: Sequence[Mapping[str, Any]], steps_a_token: float = 1.0) -> list[dict[str, Any]]:
    """The lines, each with how many times its speed ours is and its share of the limit.

    Args:
        lines: that of ours last.
        steps_a_token: what a token is worth to the limit, which counts steps: its figures become tokens of ours.
    """
    scaled = [_as_tokens(line, steps_a_token) if line["name"] == LIMIT else dict(line) for line in lines]
    (most,) = (line["tokens/s"] for line in scaled if line["name"] == LIMIT)
    ours = scaled[-1]["tokens/s"]
    return [{**line, "ours is": ours / line["tokens/s"], "of limit": line["tokens/s"] / most} for line in scaled]


def _as_tokens(line: Mapping[str, Any], steps: float) -> dict[str, Any]:
    return {**line, **{key: line[key] / steps for key in ("tokens/s", "lowest", "highest", "a processor second")}}


def table(lines: Sequence[Mapping[str, Any]]) -> str:
    """A row for each of the compared lines."""
    cells = [("", "tokens/s", "lowest", "highest", "a processor second", "ours is", "of limit", "rows", "setting")]
    for line in lines:
        speeds = [f"{line[key]:,.0f}" for key in cells[0][1:5]]
        setting = ", ".join(f"{key} {value}" for key, value in line["setting"].items())
        ratio, share = f"{line['ours is']:.2f} x", f"{line['of limit']:.0%}"
        cells.append((line["name"], *speeds, ratio, share, str(line["rows"]), setting))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells)
