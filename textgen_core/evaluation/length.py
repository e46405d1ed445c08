"""How long a text is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from textgen_core.evaluation.samples import UNIT, Samples


@dataclass(frozen=True)
class Length:
    """Characters (code points), words (those with a letter or digit in them) or tokens."""

    unit: Literal["character", "word", "token"]

    @property
    def bounds(self) -> tuple[float, float]:
        """See RowMetric."""
        return 0.0, math.inf

    @property
    def signature(self) -> str:
        """See RowMetric."""
        return f"unit:{UNIT if self.unit == 'word' else self.unit}|version:1"

    def __call__(self, samples: Samples) -> list[float | None]:
        """See RowMetric."""
        if self.unit == "character":
            return [None if text is None else len(text) for text in samples.texts]
        if self.unit == "token":
            counts = zip(samples.texts, samples.n_tokens.tolist(), strict=True)
            return [None if text is None else count for text, count in counts]
        return [None if words is None else sum(map(_is_word, words)) for words in samples.words]


def _is_word(segment: str) -> bool:
    return segment.isalnum() or any(map(str.isalnum, segment))
