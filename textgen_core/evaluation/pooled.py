"""Distinct-n over all texts of a group together, as its authors compute it (Li et al. 2016).

A sampler that says the same to every prompt has a high mean of the texts' own distinct-n, and a low one here. The
figure falls with the number of words, so only groups of like size compare.

Its interval is a jackknife: the figure is computed once without each seed. A bootstrap would be biased, since a
resample holds many seeds twice and no n-gram of a copy is new: its values lie far below the figure itself. Leaving out
never doubles a seed, and the jackknife's variance is never too small on average (Efron and Stein 1981).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from textgen_core.datasets.parts import read_batches
from textgen_core.evaluation.bootstrap import Floats
from textgen_core.evaluation.ngrams import Ints, NGrams, mixed, word_hashes
from textgen_core.evaluation.samples import UNIT, words
from textgen_core.evaluation.scores import texts_of

ORDERS = (1, 2, 3, 4)
NORMAL = 1.959964
"""Standard errors on each side of the figure in a 95% interval."""


class Pooled(NamedTuple):
    """Figures of g groups; NaN where there is none.

    No interval where a single seed, or no n-gram that occurs twice, tells nothing of the spread.
    """

    value: Floats
    """[g] different n-grams over all n-grams."""
    low: Floats
    high: Floats
    rows: Ints
    """[g] texts with an n-gram."""


def read_ngrams(
    generations: Path, orders: Iterable[int] = ORDERS, advance: Callable[[int], None] = lambda rows: None
) -> list[NGrams]:
    """The n-grams of all generations, rows numbered as they come."""
    found = [NGrams(n) for n in orders]
    for batch in read_batches(generations, ["text", "finish_reason"], batch_rows=2000):
        hashes, lengths = word_hashes(None if text is None else words(text) for text in texts_of(batch))
        for ngrams in found:
            ngrams.add(hashes, lengths)
        advance(batch.num_rows)
    return found


def pooled_distinct(ngrams: NGrams, group: Ints, groups: int, unit: Ints) -> Pooled:
    """Distinct-n of each group.

    Args:
        group: [rows] the group of each row, 0 to groups - 1.
        unit: [rows] which rows are left out together: the seed.
    """
    cell, pairs = _cells(group, unit)
    sizes = np.bincount(cell, ngrams.sizes, len(pairs))
    total = np.bincount(pairs, sizes, groups)
    kinds, own = _kinds(ngrams, group, groups, cell, len(pairs))
    scale = float(1 << ngrams.level)
    kinds, own = kinds * scale, own * scale
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.minimum(kinds / total, 1.0)
        without = (kinds[pairs] - own) / (total[pairs] - sizes)
        variance = _jackknife(without, pairs, groups) + kinds * (scale - 1) / total**2
        variance[(kinds >= total) & (scale == 1)] = np.nan
    error = NORMAL * np.sqrt(variance)
    rows = np.bincount(group[ngrams.sizes > 0], minlength=groups)
    return Pooled(value, np.maximum(value - error, 0.0), np.minimum(value + error, 1.0), rows)


def _cells(group: Ints, unit: Ints) -> tuple[Ints, Ints]:
    """Each row's cell, a unit within a group; and each cell's group."""
    width = int(unit.max(initial=0)) + 1
    pairs, cell = np.unique(group * width + unit, return_inverse=True)
    return cell.astype(np.int64), pairs // width


def _kinds(ngrams: NGrams, group: Ints, groups: int, cell: Ints, cells: int) -> tuple[Floats, Floats]:
    """Different n-grams of each group, and those that stand in no other cell of the group than this one."""
    hashes, rows = ngrams.occurrences
    if not hashes.size:
        return np.zeros(groups), np.zeros(cells)
    keys = mixed(hashes + mixed(group.astype(np.uint64))[rows])  # of an n-gram within a group
    order = np.argsort(keys)
    first = np.flatnonzero(np.diff(keys[order], prepend=~keys[order[0]]))
    cell_of = cell[rows[order]]
    lowest, highest = np.minimum.reduceat(cell_of, first), np.maximum.reduceat(cell_of, first)
    kinds = np.bincount(group[rows[order[first]]], minlength=groups)
    own = np.bincount(lowest[lowest == highest], minlength=cells)
    return kinds.astype(np.float64), own.astype(np.float64)


def _jackknife(without: Floats, pairs: Ints, groups: int) -> Floats:
    """[groups] the variance of a figure, from its values [cells] without each cell; NaN for a single one."""
    count = np.bincount(pairs, minlength=groups)
    mean = np.bincount(pairs, without, groups) / count
    squares = np.bincount(pairs, (without - mean[pairs]) ** 2, groups)
    spread: Floats = np.where(count > 1, squares * (count - 1) / count, np.nan)
    return spread


def signature(ngrams: NGrams, intervals: bool) -> str:
    """All that a figure depends on."""
    kept = f"1/{1 << ngrams.level}" if ngrams.level else "all"
    interval = "jackknife-seed" if intervals else "none"
    return f"n:{ngrams.n}|unit:{UNIT}|case:kept|over:group|ngrams:{kept}|interval:{interval}|version:1"
