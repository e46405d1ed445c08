"""The rows of ``metrics``: values of groups with their intervals and signatures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

from textgen_core.evaluation.bootstrap import Floats, Intervals
from textgen_core.evaluation.settings import BootstrapSettings

Group = Mapping[str, str]
DIGITS = 9
"""Significant digits kept of a figure: more would differ by the order in which threads add."""


def metric_row(
    group: Group, metric: str, value: float | None, low: float, high: float, n: int, signature: str
) -> dict[str, Any]:
    """A row of ``metrics``; NaN becomes null."""
    figures = {"value": value, "low": low, "high": high}
    return {
        "group": list(group.items()),
        "metric": metric,
        **{name: _rounded(figure) for name, figure in figures.items()},
        "n": n,
        "signature": f"{metric}|{signature}|textgen:{_version()}",
    }


def mean_rows(
    group: Group, values: Mapping[str, Floats], intervals: Intervals, signatures: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The mean of each metric over a group; NaN values are rows without one."""
    rows = []
    for place, (name, column) in enumerate(values.items()):
        known = column[~np.isnan(column)]
        mean = math.fsum(known.tolist()) / len(known) if len(known) else None
        low, high = float(intervals.low[place]), float(intervals.high[place])
        rows.append(metric_row(group, name, mean, low, high, len(known), signatures[name]))
    return rows


def bootstrap_signature(settings: BootstrapSettings, unit: str) -> str:
    """What an interval depends on."""
    return f"interval:{settings.samples}x{unit},seed={settings.seed}" if settings.samples else "interval:none"


@cache
def _version() -> str:
    return version("textgen")


def _rounded(figure: float | None) -> float | None:
    return None if figure is None or not math.isfinite(figure) else float(f"{figure:.{DIGITS}g}")
