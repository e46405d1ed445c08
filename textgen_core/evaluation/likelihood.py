"""How likely the model itself finds what it wrote."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from textgen_core.evaluation.samples import Samples


@dataclass(frozen=True)
class MeanLogprob:
    """Natural log-probability a token, the end counted as one where the text ended by itself."""

    @property
    def bounds(self) -> tuple[float, float]:
        """See RowMetric."""
        return -math.inf, 0.0

    @property
    def signature(self) -> str:
        """See RowMetric."""
        return "unit:token|log:natural|distribution:model|version:1"

    def __call__(self, samples: Samples) -> list[float | None]:
        """See RowMetric."""
        tokens = samples.n_tokens + samples.ended
        means = np.divide(samples.logprobs, tokens, out=np.full(len(samples), np.nan), where=tokens > 0)
        pairs = zip(samples.texts, means.tolist(), strict=True)
        return [None if text is None or np.isnan(mean) else mean for text, mean in pairs]
