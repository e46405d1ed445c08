"""Everything that was found, as rows: what the summary writes and the page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from textgen_core.comparison.evidence import Evidence, Reads, letter_bits
from textgen_core.comparison.positions import Sums, position_rows, read_sums
from textgen_core.comparison.questions import verdicts
from textgen_core.comparison.stage_settings import SummarySettings
from textgen_core.comparison.table import Finished, Row, cell_row, finished
from textgen_core.comparison.trade_offs import trade_offs
from textgen_core.datasets.manifest import read_manifest
from textgen_core.datasets.parts import read_table
from textgen_core.models.config import read_config
from textgen_core.models.seq2seq_settings import attends

DIGITS = 9
"""Significant digits kept, as in metrics."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found.

    Attributes:
        cells: those that are finished.
        rows: of each dataset, by name.
        human: what the judge says of human text, and how diverse it is.
        word_pairs: that diversity is taken at.
        letters: bits a character of human text by how frequent each character is.
        evidence: of each cell, by its name.
    """

    cells: list[Finished]
    rows: dict[str, list[Row]]
    human: Row
    word_pairs: int
    letters: float
    evidence: Mapping[str, Evidence]

    @property
    def unlearned(self) -> list[str]:
        """Cells that need as many; with all of the text they are no evidence of anything."""
        return [name for name, own in self.evidence.items() if not own.learned]


def find(settings: SummarySettings) -> Findings:
    """All rows of all datasets."""
    cells = finished(settings.cells)
    by_name = {cell.run.name: cell for cell in cells}
    table = [cell_row(run, by_name.get(run.name)) for run in settings.cells]
    row_of = {row["cell"]: row for row in table}
    sums = read_sums(cells)
    human, samplers, word_pairs = trade_offs(cells, settings.human, settings.temperatures)
    letters = letter_bits(read_table(settings.human_long / "generations", ["text"])["text"].to_pylist())
    evidences = {name: _evidence(cell, sums[name], row_of[name]) for name, cell in by_name.items()}
    told = {name: replace(own, learned=bool(own.bits[0] < letters)) for name, own in evidences.items()}
    found = verdicts(list(told.values()))
    rows: dict[str, list[Row]] = {
        "comparison": table,
        "trade_offs": samplers,
        "positions": [row for cell in cells for row in position_rows(cell, sums[cell.run.name])],
        "verdicts": [asdict(verdict) for verdict in found],
    }
    rounded = {name: [_rounded(row) for row in found] for name, found in rows.items()}
    return Findings(cells, rounded, human, word_pairs, letters, told)


def _evidence(cell: Finished, sums: Mapping[str, Sums], row: Row) -> Evidence:
    """What verdicts need of a cell.

    Args:
        row: the cell's of ``comparison``.
    """
    run, human, own = cell.run, sums["human"], sums["model"]
    return Evidence(
        variant=run.variant,
        family=run.family,
        attentive=attends(read_config(cell.model).model),
        level=run.level,
        kind=str(read_manifest(cell.tokens).facts["kind"]),
        size=run.size,
        share=run.share,
        reading=Reads(human["bits"], human["n_chars"]),
        repetition=Reads(own["repeated_words"], own["n_words"]),
        speed=row["characters_per_second"],
        held_out=row["bits_per_char"],
        read_once=row["characters_seen"] >= row["train_characters"],
    )


def _rounded(row: Row) -> dict[str, Any]:
    return {name: float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value for name, value in row.items()}
