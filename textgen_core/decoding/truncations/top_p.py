"""Top-p or nucleus sampling (Holtzman et al. 2019)."""

from __future__ import annotations

from typing import Any

from keras import ops

from textgen_core.decoding.truncations.threshold import at_least, highest_threshold


def top_p(logprobs: Any, knob: Any) -> Any:
    """Keep the fewest likeliest tokens that hold the share knob [n] of what is left; equals of the last stay, too."""
    weights = ops.exp(logprobs - ops.max(logprobs, axis=1, keepdims=True))
    needed = knob * ops.sum(weights, axis=1)
    kept = at_least(logprobs, highest_threshold(logprobs, weights, needed))
    return ops.where(kept | (knob >= 1.0)[:, None], logprobs, -float("inf"))
