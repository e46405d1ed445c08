"""What it costs to spell an unknown word: a character bigram model, proper over all strings of Unicode."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ConfigDict, NonNegativeInt

OUTCOMES = 0x110000 - 0x800 + 1
"""What may come next: any Unicode scalar value (surrogates are none), or the end."""

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Figures = TypeVar("Figures", float, "npt.NDArray[np.float64]")

EDGE = ""
"""As a history the start of a word, as an outcome its end."""


def text_bits(nats: Figures, spelling: Figures) -> Figures:
    """Bits of a text whose tokens cost so many nats, and whose unknown ones so many bits to spell."""
    return nats / math.log(2) + spelling


class Spelling(BaseModel):
    """Probability of a string: bigrams backed off to unigrams backed off to a uniform (Witten and Bell 1991).

    For every history the probabilities of all outcomes sum to 1, and the end always has some: so those of all strings
    sum to 1. A model that says "unknown" and then spells with this is again a distribution over texts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    bigrams: dict[str, dict[str, NonNegativeInt]] = {}
    """How often a character (or the start) was followed by another (or the end)."""

    @classmethod
    def fit(cls, words: Mapping[str, int]) -> Spelling:
        """Count the bigrams of words, each so many times."""
        counts: dict[str, Counter[str]] = {}
        for word, times in words.items():
            for history, outcome in zip((EDGE, *word), (*word, EDGE), strict=True):
                counts.setdefault(history, Counter())[outcome] += times
        return cls(bigrams={history: dict(sorted(counts[history].items())) for history in sorted(counts)})

    def bits(self, word: str) -> float:
        """Minus log2 of the probability of word."""
        steps = zip((EDGE, *word), (*word, EDGE), strict=True)
        return -math.fsum(math.log2(self.probability(outcome, history)) for history, outcome in steps)

    def probability(self, outcome: str, history: str) -> float:
        """Of outcome after history; EDGE is the end or the start. Never 0."""
        backed_off = _smoothed(self._unigrams, outcome, 1 / OUTCOMES)
        return _smoothed(self.bigrams.get(history, {}), outcome, backed_off)

    @cached_property
    def _unigrams(self) -> Counter[str]:
        total: Counter[str] = Counter()
        for outcomes in self.bigrams.values():
            total.update(outcomes)
        return total


def _smoothed(counts: Mapping[str, int], outcome: str, backed_off: float) -> float:
    """Witten-Bell: as much mass for the unseen as there were kinds of outcomes."""
    kinds, total = len(counts), sum(counts.values())
    return (counts.get(outcome, 0) + kinds * backed_off) / (total + kinds) if total else backed_off
