"""Long texts, position by position: sums over the stretches at each, and the rows of ``positions``."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from textgen_core.comparison.evidence import Floats, Reads, ends
from textgen_core.comparison.table import Finished, Row, of_cell
from textgen_core.datasets.manifest import read_manifest
from textgen_core.datasets.parts import read_table

Sums = Mapping[str, Floats]
"""Columns of stretches by name, each [texts, blocks]; zeros where a text is over."""
AUTHORS = ("human", "model")
FIGURES = {
    "bits_per_char": ("bits", "n_chars"),
    "judge_bits_per_char": ("judge_bits", "n_chars"),
    "repetition": ("repeated_words", "n_words"),
}
"""What is divided by what."""
SUMMED = ("n_chars", "bits", "judge_bits", "n_words", "repeated_words")


def read_sums(cells: Sequence[Finished]) -> dict[str, dict[str, Sums]]:
    """Of each cell, by its name, and author."""
    rows = {cell.run.name: read_table(cell.reading / "stretches").to_pylist() for cell in cells}
    blocks = max((read_manifest(cell.reading).key.settings["blocks"] for cell in cells), default=1)
    return summed(rows, blocks)


def summed(rows: Mapping[str, Sequence[Row]], blocks: int) -> dict[str, dict[str, Sums]]:
    """The rows of ``stretches`` by cell, as sums by cell and author.

    All cells have a line for each seed that one of them has a text of, since texts after the same seed are paired; and
    all blocks, also those that no text reached: else early and late would lie elsewhere in each cell.
    """
    found: dict[str, dict[str, Sums]] = {cell: {} for cell in rows}
    for author in AUTHORS:
        own = {cell: [row for row in each if row["author"] == author] for cell, each in rows.items()}
        ids = sorted({row["seed_id"] for each in own.values() for row in each})
        places = {seed: place for place, seed in enumerate(ids)}
        for cell, each in own.items():
            found[cell][author] = _sums(each, places, blocks)
    return found


def _sums(rows: Sequence[Row], seeds: Mapping[str, int], blocks: int) -> Sums:
    sums = {name: np.zeros((max(1, len(seeds)), blocks)) for name in SUMMED}
    for row in rows:
        for name in SUMMED:
            sums[name][seeds[row["seed_id"]], row["block"]] += row[name]
    return sums


def position_rows(cell: Finished, sums: Mapping[str, Sums]) -> Iterator[Row]:
    """A row an author and stretch."""
    for author in AUTHORS:
        columns = sums[author]
        middles = np.cumsum(columns["n_chars"], axis=1) - columns["n_chars"] / 2
        for block in range(columns["n_chars"].shape[1]):
            there = columns["n_chars"][:, block] > 0
            if there.any():
                at = float(middles[there, block].mean())
                yield {**of_cell(cell.run), "author": author, "position": round(at, 1), **_figures(columns, block)}


def _figures(columns: Sums, block: int) -> Row:
    figures: Row = {"block": block, "texts": int((columns["n_chars"][:, block] > 0).sum())}
    for name, (above, below) in FIGURES.items():
        found = Reads(columns[above], columns[below]).rate(slice(block, block + 1))
        if math.isnan(found[0]):
            figures |= dict.fromkeys((name, f"{name}_low", f"{name}_high"))
        else:
            low, high = ends(found)
            figures |= {name: float(found[0]), f"{name}_low": low, f"{name}_high": high}
    return figures
