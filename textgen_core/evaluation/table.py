"""Metrics as people read them: a row a metric, a column a group, ± what the interval spans."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from textgen_core.figures import figure

HELD_OUT = "held-out text"
"""Name of the group that has no sampler: the model itself, on text it hasn't seen."""

Group = tuple[tuple[str, str], ...]


@dataclass
class MetricsTable:
    """Rows of ``metrics`` in a grid, in their order."""

    groups: dict[Group, str] = field(default_factory=dict)
    """What identifies each, and its name."""
    cells: dict[str, dict[Group, str]] = field(default_factory=dict)
    """By metric and group; a group that a metric isn't given for is missing."""

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], attributes: bool = True) -> MetricsTable:
        """Of rows of the dataset; without attributes only of the model and of whole samplers."""
        table = cls()
        for row in rows:
            group: Group = tuple(dict(row["group"]).items())
            if attributes or all(name == "sampler" for name, _ in group):
                table.groups.setdefault(group, _name(group))
                table.cells.setdefault(row["metric"], {})[group] = with_interval(row["value"], row["low"], row["high"])
        return table

    def by_metric(self, groups: Sequence[Group]) -> Iterator[tuple[str, list[str]]]:
        """Each metric that any of the groups has, and their cells; empty where one has none."""
        for metric, cells in self.cells.items():
            if not cells.keys().isdisjoint(groups):
                yield metric, [cells.get(group, "") for group in groups]

    def by_group(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Each group's name, and its cells by metric."""
        for group, name in self.groups.items():
            yield name, {metric: cells[group] for metric, cells in self.cells.items() if group in cells}


def with_interval(value: float | None, low: float | None, high: float | None) -> str:
    """A value with the digits that its interval leaves certain, and the interval's longer arm; - for none.

    The arms of an interval may differ; the dataset has both ends.
    """
    if value is None or low is None or high is None:
        return figure(value)
    arm = max(high - value, value - low)
    if arm <= 0:
        return f"{figure(value)} ±0"
    decimals = max(0, 1 - math.floor(math.log10(arm)))
    return f"{value:,.{decimals}f} ±{arm:,.{decimals}f}"


def _name(group: Group) -> str:
    """The sampler, and what else its rows have in common."""
    return ", ".join(value if name == "sampler" else f"{name} {value}" for name, value in group) or HELD_OUT
