"""Min-p sampling (Nguyen et al. 2024): a cut that follows how sure the model is."""

from __future__ import annotations

from typing import Any

from keras import ops


def min_p(logprobs: Any, knob: Any) -> Any:
    """Keep the tokens at least knob [n] times as probable as their row's likeliest one."""
    highest = ops.max(logprobs, axis=1, keepdims=True)
    kept = logprobs >= highest + ops.log(knob)[:, None]
    return ops.where(kept, logprobs, -float("inf"))
