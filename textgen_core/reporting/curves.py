"""Learning curves: what to draw of every model's history."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from textgen_core.datasets.parts import read_table

Axis = Literal["seconds", "tokens_seen"]


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a chart.

    Attributes:
        name: what it shows, for the legend.
        color: number of its colour; one a model.
        faint: drawn thin and dashed: training, beside validation.
        points: (x, y) in the order of x.
    """

    name: str
    color: int
    faint: bool
    points: tuple[tuple[float, float], ...]


def learning_curves(histories: Sequence[tuple[str, Path]], axis: Axis, points: int) -> list[Curve]:
    """Bits per character of every model against time or tokens, validation after training so that it lies on top.

    Args:
        histories: name of each model, and its history dataset.
        points: at most so many of each curve.
    """
    curves = []
    for color, (name, directory) in enumerate(histories):
        rows = read_table(directory, [axis, "split", "bits_per_char"]).to_pylist()
        for split in ("train", "validation"):
            line = thinned(_points(rows, split, axis), points)
            if line:
                curves.append(Curve(f"{name}, {split}", color, split == "train", tuple(line)))
    return sorted(curves, key=lambda curve: not curve.faint)


def _points(rows: Iterable[dict[str, Any]], split: str, axis: Axis) -> list[tuple[float, float]]:
    of_split = (row for row in rows if row["split"] == split)
    return sorted(
        (float(row[axis]), row["bits_per_char"])
        for row in of_split
        if row[axis] is not None and row["bits_per_char"] is not None
    )


def thinned(line: Sequence[tuple[float, float]], count: int) -> list[tuple[float, float]]:
    """At most count points: the means of as many stretches of equal length. The first and the last point stay."""
    if len(line) <= count:
        return list(line)
    inner = line[1:-1]
    borders = [round(number * len(inner) / (count - 2)) for number in range(count - 1)]
    stretches = [inner[begin:end] for begin, end in itertools.pairwise(borders)]
    means = [(_mean([x for x, _ in part]), _mean([y for _, y in part])) for part in stretches]
    return [line[0], *means, line[-1]]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
