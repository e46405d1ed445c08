"""Top-n-sigma sampling (Tang et al. 2024): the likeliest logits stand out of a noise that is about normal."""

from __future__ import annotations

from typing import Any

from keras import ops


def top_n_sigma(logprobs: Any, knob: Any) -> Any:
    """Keep the tokens at most knob [n] standard deviations of their row's logits below the highest.

    Log-probabilities are logits but for a constant a row, which neither the deviation nor the distance feels; and a
    temperature scales both alike. What can't be drawn is left out of the deviation, so the step comes before all that
    drop tokens. The deviation is that of the tokens there are, not an estimate for others (ddof 0).
    """
    there = logprobs > -float("inf")
    below = logprobs - ops.max(logprobs, axis=1, keepdims=True)
    count = ops.sum(ops.cast(there, "float32"), axis=1, keepdims=True)
    zero = ops.zeros_like(below)
    mean = ops.sum(ops.where(there, below, zero), axis=1, keepdims=True) / count
    deviation = ops.sqrt(ops.sum(ops.where(there, ops.square(below - mean), zero), axis=1) / count[:, 0])
    kept = (below >= -(knob * deviation)[:, None]) | ops.isinf(knob)[:, None]
    return ops.where(kept, logprobs, -float("inf"))
