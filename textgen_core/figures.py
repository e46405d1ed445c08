"""Values as people read them, the same on the terminal, in the Prefect UI and in the report."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

EXACT = 1e15
"""From here on a float has no digits for all its whole numbers."""


def figure(value: object) -> str:
    """A value on one line: 1,234,567; 0.1235; 4.339e+57; yes; - for none; lists and mappings item by item."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if 1000 <= abs(value) < EXACT else f"{value:.4g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {figure(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) if type(item) is int else figure(item) for item in value)  # 1,195 would be two
    return str(value)


def saturated(growing: Callable[[float], float], value: float) -> float:
    """What a growing function such as math.exp makes of a value; infinite where no float is as large."""
    try:
        return growing(value)
    except OverflowError:
        return math.inf
