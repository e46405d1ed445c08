"""Everything that was found, as rows: what the summary writes and the page shows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from textgen_core.comparison.questions import verdicts
from textgen_core.comparison.stage_settings import SummarySettings
from textgen_core.comparison.stretches import evidence, position_rows, read_sums
from textgen_core.comparison.table import Finished, Row, cell_row, finished
from textgen_core.comparison.trade_offs import trade_offs

DIGITS = 9
"""Significant digits kept, as in metrics."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found.

    Attributes:
        cells: those that are finished.
        rows: of each dataset, by name.
        human: what the judge says of human text, and how diverse it is.
        pairs: word pairs that diversity is taken at.
    """

    cells: list[Finished]
    rows: dict[str, list[Row]]
    human: Row
    pairs: int


def find(settings: SummarySettings) -> Findings:
    """All rows of all datasets."""
    cells = finished(settings.cells)
    by_name = {cell.run.name: cell for cell in cells}
    table = [cell_row(run, by_name.get(run.name)) for run in settings.cells]
    speeds = {row["cell"]: row["characters_per_second"] for row in table}
    sums = {cell.run.name: read_sums(cell) for cell in cells}
    human, samplers, pairs = trade_offs(cells, settings.human, settings.temperatures)
    found = verdicts([evidence(cell, sums[cell.run.name], speeds[cell.run.name]) for cell in cells])
    rows: dict[str, list[Row]] = {
        "comparison": table,
        "trade_offs": samplers,
        "positions": [row for cell in cells for row in position_rows(cell, sums[cell.run.name])],
        "verdicts": [asdict(verdict) for verdict in found],
    }
    return Findings(cells, {name: [_rounded(row) for row in found] for name, found in rows.items()}, human, pairs)


def _rounded(row: Row) -> dict[str, Any]:
    return {name: float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value for name, value in row.items()}
