"""The metrics of a model and its samplers on the terminal: a row a metric, a column a sampler."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from flows.cli.output import print_table, say
from textgen_core.datasets.parts import read_table
from textgen_core.evaluation.table import Group, MetricsTable

WIDTH = 100
"""Columns of a terminal, at most: with more samplers there are more tables."""
GAP = 2
HEADLINES = (
    "mean_logprob",
    "tokens",
    "distinct_2",
    "pooled_distinct_2",
    "repeated_4",
    "loop",
    "copied_chars",
)
"""What tells samplers apart at a glance; ``textgen evaluate`` and the report show all."""


def print_metrics(directory: Path, title: str = "", only: Sequence[str] | None = None) -> None:
    """Print the metrics that lie in a directory: the model's on a line, then its samplers' (only some, if named)."""
    table = MetricsTable.of(read_table(directory / "metrics").to_pylist(), attributes=False)
    held_out = ", ".join(f"{metric} {cells[()]}" for metric, cells in table.cells.items() if () in cells)
    if held_out:
        line = f"{title + ': ' if title else ''}held-out text: {held_out}"
        say(textwrap.fill(line, WIDTH, subsequent_indent="  "))
    for groups in _side_by_side(table):
        rows = [(name, *cells) for name, cells in table.by_metric(groups) if only is None or name in only]
        print_table(("metric", *(table.groups[group] for group in groups)), rows)


def _side_by_side(table: MetricsTable) -> Iterator[list[Group]]:
    """The samplers, as many at a time as fit beside each other."""
    left = [group for group in table.groups if group]
    first = max(map(len, table.cells), default=0)
    while left:
        room, groups = WIDTH - first - 2 * GAP, [left.pop(0)]
        room -= _width(table, groups[0])
        while left and room >= _width(table, left[0]):
            groups.append(left.pop(0))
            room -= _width(table, groups[-1])
        yield groups


def _width(table: MetricsTable, group: Group) -> int:
    cells = [len(cells[group]) for cells in table.cells.values() if group in cells]
    return max(len(table.groups[group]), *cells) + GAP
