"""The rows of ``trade_offs``: of each cell and temperature how fluent its texts are to the judge, and how diverse."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from textgen_core.comparison.table import Finished, Row, of_cell
from textgen_core.datasets.parts import read_table
from textgen_core.evaluation.bootstrap import ratio_intervals, units
from textgen_core.evaluation.rarefied import Occurrences, Rarefied, distinct_of_like_size, read_occurrences
from textgen_core.evaluation.settings import BootstrapSettings
from textgen_core.frontier.settings import HUMAN, sampler_name

DIVERSITY = ("diversity", "diversity_low", "diversity_high")
JUDGED = ("judge_bits_per_char", "judge_bits_per_char_low", "judge_bits_per_char_high")


def trade_offs(cells: Sequence[Finished], human: Path, temperatures: Sequence[float]) -> tuple[Row, list[Row], int]:
    """Of human text its figures, the rows of all cells, and the word pairs that diversity is taken at.

    People are judged as cells are: by what the judge says of both in a reading. All readings say the same of people.
    """
    rows: list[Row] = [_judged(_texts(cells[0], HUMAN) if cells else [])]
    pairs: list[Occurrences] = [read_occurrences(human / "generations")[HUMAN]]
    for cell in cells:
        found = read_occurrences(cell.generations / "generations")
        for row in _rows(cell, temperatures):
            rows.append(row)
            pairs.append(found[row["sampler"]])
    size, shares = distinct_of_like_size(pairs)
    first, *rest = (row | _diversity(share) for row, share in zip(rows, shares, strict=True))
    return first, rest, size


def _rows(cell: Finished, temperatures: Sequence[float]) -> Iterator[Row]:
    metrics = _metrics(cell.evaluation)
    for temperature in temperatures:
        name = sampler_name("temperature", temperature)
        yield {
            **of_cell(cell.run),
            "temperature": temperature,
            "sampler": name,
            **_judged(_texts(cell, name)),
            "repetition": metrics[name, "repeated_4"],
            "copied_share": metrics.get((name, "copied_share")),
        }


def _texts(cell: Finished, sampler: str) -> list[tuple[str, int, float]]:
    """Seed, characters and the judge's bits of each text."""
    rows = read_table(cell.reading / "judged").to_pylist()
    return [(row["seed_id"], row["n_chars"], row["judge_bits"]) for row in rows if row["sampler"] == sampler]


def _metrics(evaluation: Path) -> dict[tuple[str, str], float | None]:
    """Values by sampler and metric."""
    rows: list[dict[str, Any]] = read_table(evaluation / "metrics").to_pylist()
    groups = [(dict(row["group"]), row) for row in rows]
    return {(group["sampler"], row["metric"]): row["value"] for group, row in groups if group.keys() == {"sampler"}}


def _judged(texts: Sequence[tuple[str, int, float]]) -> Row:
    """Number of texts (seed, characters, bits) and their bits a character, with a bootstrap over seeds."""
    seeds, chars, bits = zip(*texts, strict=True) if texts else ((), (), ())
    told: Row = {"texts": len(texts)}
    if not sum(chars):
        return told | dict.fromkeys(JUDGED)
    above, below = (np.array(values, np.float64)[:, None] for values in (bits, chars))
    ends = [float(end[0]) for end in ratio_intervals(above, below, units(seeds), BootstrapSettings())]
    figures = (sum(bits) / sum(chars), *(None if math.isnan(end) else end for end in ends))
    return told | dict(zip(JUDGED, figures, strict=True))


def _diversity(figure: Rarefied | None) -> Row:
    return dict.fromkeys(DIVERSITY) if figure is None else dict(zip(DIVERSITY, figure, strict=True))
