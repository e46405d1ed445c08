"""Compression ratio: repetition of any kind, whatever the unit (Shaib et al. 2024)."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

from textgen_core.evaluation.samples import Samples


@dataclass(frozen=True)
class Compression:
    """UTF-8 bytes over their bytes compressed: the higher, the more repetitive. Short texts stay below 1."""

    level: int = 9

    @property
    def bounds(self) -> tuple[float, float]:
        """See RowMetric."""
        return 0.0, math.inf

    @property
    def signature(self) -> str:
        """See RowMetric."""
        return f"zlib:{self.level}|version:1"

    def __call__(self, samples: Samples) -> list[float | None]:
        """See RowMetric."""
        return [self._ratio(text.encode("utf-8", "replace")) if text else None for text in samples.texts]

    def _ratio(self, content: bytes) -> float:
        return len(content) / len(zlib.compress(content, self.level))
