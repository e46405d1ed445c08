"""Two signs of degeneration: phrases said again, and texts that end in a loop (Holtzman et al. 2020)."""

from __future__ import annotations

from dataclasses import dataclass

from textgen_core.evaluation.distinct import ngrams
from textgen_core.evaluation.samples import UNIT, Samples


@dataclass(frozen=True)
class Repeated:
    """Share of a text's words that stand in an n-gram which the text has already had. None below n words."""

    n: int = 4

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
        return [None if words is None or len(words) < self.n else self._share(words) for words in samples.words]

    def _share(self, words: list[str]) -> float:
        return sum(repeated(words, self.n)) / len(words)


@dataclass(frozen=True)
class Loop:
    """Share of a text's characters in the loop that it ends in: one unit, at least ``times`` times. 0 without one."""

    times: int = 3
    longest: int = 500

    @property
    def bounds(self) -> tuple[float, float]:
        """See RowMetric."""
        return 0.0, 1.0

    @property
    def signature(self) -> str:
        """See RowMetric."""
        return f"times:{self.times}|longest:{self.longest}|unit:character|version:1"

    def __call__(self, samples: Samples) -> list[float | None]:
        """See RowMetric."""
        return [self._share(text) if text else None for text in samples.texts]

    def _share(self, text: str) -> float:
        units = range(1, min(self.longest, len(text) // self.times) + 1)
        lengths = [
            _periodic_end(text, unit)
            for unit in units
            if text[-1] == text[-1 - unit] and text.endswith(text[-unit:] * self.times)  # most fail at once
        ]
        return max(lengths, default=0) / len(text)


def _periodic_end(text: str, period: int) -> int:
    """Length of the longest end of text that repeats with this period."""
    start = len(text) - period
    while start > 0 and text[start - 1] == text[start - 1 + period]:
        start -= 1
    return len(text) - start


def repeated(words: list[str], n: int) -> list[bool]:
    """Of each word, whether it stands in an n-gram which the words have already had."""
    found = [False] * len(words)
    seen: set[tuple[str, ...]] = set()
    for start, gram in enumerate(ngrams(words, n)):
        if gram in seen:
            found[start : start + n] = [True] * n
        seen.add(gram)
    return found
