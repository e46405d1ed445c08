"""The rows of ``frontier``: from what was generated and measured of each setting, and the verdicts on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from textgen_core.datasets.manifest import read_manifest
from textgen_core.datasets.parts import read_table
from textgen_core.evaluation.rarefied import Occurrences, Rarefied, distinct_of_like_size, read_occurrences
from textgen_core.frontier.points import Figure, Point, Recommendation, distance, on_frontier
from textgen_core.frontier.settings import HUMAN, SummarySettings, sampler_name

Row = dict[str, Any]
DIGITS = 9
"""Significant digits kept, as in metrics."""


def read_rows(settings: SummarySettings) -> tuple[int, list[Row]]:
    """The word pairs that settings are compared at, and a row each: human text first, then knob by knob."""
    rows: list[Row] = []
    occurrences: list[Occurrences] = []
    for sweep in (settings.human, *settings.sweeps):
        measured, pairs = _metrics(sweep.evaluation), read_occurrences(sweep.generations / "generations")
        rate = read_manifest(sweep.generations).facts.get("tokens_per_second")
        for name, value in _settings(settings, sweep.knob):
            rows.append(_row(sweep.knob, value, name, measured[name], rate))
            occurrences.append(pairs[name])
    size, found = distinct_of_like_size(occurrences)
    return size, [row | _diversity(figure) for row, figure in zip(rows, found, strict=True)]


def _settings(settings: SummarySettings, knob: str) -> Iterable[tuple[str, float | None]]:
    if knob == HUMAN:
        return [(HUMAN, None)]
    return [(sampler_name(knob, value), value) for value in settings.values[knob]]


def _metrics(evaluation: Path) -> dict[str, dict[str, Row]]:
    """The metrics of each sampler by name."""
    found: dict[str, dict[str, Row]] = {}
    for row in read_table(evaluation / "metrics").to_pylist():
        group = dict(row["group"])
        if group.keys() == {"sampler"}:
            found.setdefault(group["sampler"], {})[row["metric"]] = row
    return found


def _row(knob: str, value: float | None, name: str, measured: dict[str, Row], rate: float | None) -> Row:
    quality = measured["mean_logprob"]
    return {
        "knob": knob,
        "value": value,
        "sampler": name,
        "texts": measured["tokens"]["n"],
        "quality": quality["value"],
        "quality_low": quality["low"],
        "quality_high": quality["high"],
        "repetition": measured["repeated_4"]["value"],
        "copied_share": measured["copied_share"]["value"],
        "tokens_per_second": rate,
    }


def _diversity(figure: Rarefied | None) -> Row:
    names = ("diversity", "diversity_low", "diversity_high")
    return dict.fromkeys(names) if figure is None else dict(zip(names, map(_rounded, figure), strict=True))


def points_of(rows: Sequence[Row]) -> tuple[Point | None, list[Point]]:
    """Human text and the settings as points, those without quality left out."""
    points = [_point(row) for row in rows if row["quality"] is not None]
    human = next((point for point in points if point.knob == HUMAN), None)
    return human, [point for point in points if point.knob != HUMAN]


def _point(row: Row) -> Point:
    quality, diversity = (_figure(row, name) for name in ("quality", "diversity"))
    known = diversity if row["diversity"] is not None else None
    return Point(row["knob"], row["value"], row["sampler"], quality, known)


def _figure(row: Row, name: str) -> Figure:
    return Figure(row[name], row[f"{name}_low"], row[f"{name}_high"])


def with_verdicts(
    rows: Sequence[Row], human: Point | None, points: Sequence[Point], advice: Recommendation | None
) -> list[Row]:
    """The rows with what follows from all of them together."""
    best = on_frontier(points)
    by_name = {point.name: point for point in points}
    return [row | _verdicts(by_name.get(row["sampler"]), human, best, advice) for row in rows]


def _verdicts(own: Point | None, human: Point | None, best: set[str], advice: Recommendation | None) -> Row:
    far = distance(own, human) if own and human else None
    name = own.name if own else ""
    return {
        "distance": None if far is None else _rounded(far),
        "on_frontier": name in best,
        "recommended": advice is not None and name == advice.name,
        "alike": advice is not None and name in advice.alike,
    }


def _rounded(figure: float) -> float:
    return float(f"{figure:.{DIGITS}g}")
