"""Distinct-n of groups of different sizes, at a size that they share: what of so many n-grams is new, on average.

Distinct-n falls with the number of words, so that a sampler which ends its texts early would look diverse. Here every
group is thought to be cut to equally many of its n-grams, drawn at random, and the mean over all such draws is computed
exactly (rarefaction, Hurlbert 1971). Intervals are a jackknife over seeds, as in pooled.py.

Only words with a letter or digit count: a ruled line of a hundred hyphens says nothing a hundred times, and people who
draw tables would be the least diverse of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from textgen_core.datasets.parts import read_batches
from textgen_core.evaluation.bootstrap import Floats, units
from textgen_core.evaluation.ngrams import Ints, NGrams, word_hashes
from textgen_core.evaluation.samples import words
from textgen_core.evaluation.scores import texts_of

NORMAL = 1.959964
"""Standard errors on each side of the figure in a 95% interval."""
ENOUGH = 0.5
"""A group with less than this share of the n-grams of the first is not compared: it would cut all others short."""


class Occurrences(NamedTuple):
    """The n-grams of one group of texts."""

    kind: Ints
    """[n] which n-gram, numbered from 0."""
    unit: Ints
    """[n] the seed it stands in, numbered from 0."""


class Rarefied(NamedTuple):
    """A value with the ends of its 95% interval."""

    value: float
    low: float
    high: float


def read_occurrences(generations: Path, order: int = 2) -> dict[str, Occurrences]:
    """The n-grams of each sampler's texts in a dataset of generations."""
    ngrams = NGrams(order, limit=2**62)
    samplers: list[str] = []
    seeds: list[str] = []
    for batch in read_batches(generations, ["seed_id", "sampler", "text", "finish_reason"], batch_rows=2000):
        ngrams.add(*word_hashes(None if text is None else _spoken(text) for text in texts_of(batch)))
        samplers += batch["sampler"].to_pylist()
        seeds += batch["seed_id"].to_pylist()
    hashes, row = ngrams.occurrences
    unit, names = units(seeds), np.array(samplers, object)
    found = {}
    for name in dict.fromkeys(samplers):
        inside = (names == name)[row]
        found[name] = Occurrences(_numbered(hashes[inside]), _numbered(unit[row[inside]]))
    return found


def _spoken(text: str) -> list[str]:
    return [word for word in words(text) if any(map(str.isalnum, word))]


def distinct_of_like_size(groups: Sequence[Occurrences]) -> tuple[int, list[Rarefied | None]]:
    """How many n-grams the groups are compared at, and the share of different ones among so many, of each group.

    The first group is the yardstick: None is given for groups too small to compare with it, and for all if it has no
    two seeds.
    """
    sizes = [_without_any_seed(group) for group in groups]
    size = min((size for size in sizes if size >= ENOUGH * sizes[0]), default=0)
    return size, [_rarefied(group, size) if own >= size > 0 else None for own, group in zip(sizes, groups, strict=True)]


def _without_any_seed(group: Occurrences) -> int:
    """n-grams that are left whichever seed is left out."""
    return len(group.unit) - int(np.bincount(group.unit).max()) if len(group.unit) else 0


def _rarefied(group: Occurrences, size: int) -> Rarefied:
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, len(group.kind) + 1)))])
    counts = np.bincount(group.kind)
    often = np.bincount(counts)
    value = _share(often, len(group.kind), size, factorials)
    without = np.array([_share(*rest, size, factorials) for rest in _leaving_one_out(group, counts, often)])
    spread = float(np.sqrt(((without - without.mean()) ** 2).sum() * (len(without) - 1) / len(without)))
    return Rarefied(value, max(0.0, value - NORMAL * spread), min(1.0, value + NORMAL * spread))


def _leaving_one_out(group: Occurrences, counts: Ints, often: Ints) -> list[tuple[Ints, int]]:
    """Without each seed: how many n-grams occur how often, and how many occurrences there are."""
    order = np.argsort(group.unit, kind="stable")
    rests = []
    for kinds in np.split(group.kind[order], np.cumsum(np.bincount(group.unit))[:-1]):
        kind, own = np.unique(kinds, return_counts=True)
        rest = often - np.bincount(counts[kind], minlength=len(often))
        rests.append((rest + np.bincount(counts[kind] - own, minlength=len(often)), len(group.kind) - len(kinds)))
    return rests


def _share(often: Ints, total: int, size: int, factorials: Floats) -> float:
    """Different n-grams expected among size drawn from total, over size; often[c] of them occur c times."""
    count = np.flatnonzero(often)
    left = total - count
    fits = np.maximum(left - size, 0)
    missing = factorials[left] - factorials[fits] - factorials[total] + factorials[total - size]
    seen = 1 - np.where(left >= size, np.exp(missing), 0.0)
    return float((often[count] * seen).sum() / size)


def _numbered(values: Any) -> Ints:
    numbers: Ints = np.unique(values, return_inverse=True)[1].astype(np.int64)
    return numbers
