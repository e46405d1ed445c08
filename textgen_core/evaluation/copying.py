"""How much of a text was learned by heart; copied_spans.py finds it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from textgen_core.evaluation.samples import Samples


@dataclass(frozen=True)
class Copied:
    """The longest span of a text that stands, character for character, in one training document.

    In characters, or as a share of the text: 1 is a text that stands as a whole in the training text.
    """

    unit: Literal["character", "share"]

    @property
    def bounds(self) -> tuple[float, float]:
        """See RowMetric."""
        return 0.0, math.inf if self.unit == "character" else 1.0

    @property
    def signature(self) -> str:
        """See RowMetric."""
        return f"unit:{self.unit}|match:exact|version:1"

    def __call__(self, samples: Samples) -> Sequence[float | None]:
        """See RowMetric."""
        if samples.copied is None:
            return [None] * len(samples)
        spans = zip(samples.texts, samples.copied.tolist(), strict=True)
        if self.unit == "character":
            return [None if text is None else span for text, span in spans]
        return [span / len(text) if text else None for text, span in spans]
