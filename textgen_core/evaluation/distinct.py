"""Distinct-n: how much of a text is new (Li et al. 2016)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textgen_core.evaluation.samples import UNIT, Samples


@dataclass(frozen=True)
class Distinct:
    """Different n-grams over all n-grams of one text; 1 is no repetition. None for texts shorter than n words."""

    n: int

    @property
    def bounds(self) -> tuple[float, float]:
        """See RowMetric."""
        return 0.0, 1.0

    @property
    def signature(self) -> str:
        """See RowMetric."""
        return f"n:{self.n}|unit:{UNIT}|case:kept|version:1"

    def __call__(self, samples: Samples) -> list[float | None]:
        """See RowMetric."""
        return [None if words is None else _share(list(ngrams(words, self.n))) for words in samples.words]


def ngrams(words: Sequence[str], n: int) -> zip[tuple[str, ...]]:
    """The n-grams of words, in order."""
    return zip(*(words[start:] for start in range(n)), strict=False)


def _share(grams: list[tuple[str, ...]]) -> float | None:
    return len(set(grams)) / len(grams) if grams else None
