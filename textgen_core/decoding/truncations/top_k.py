"""Top-k sampling (Fan et al. 2018)."""

from __future__ import annotations

from typing import Any

from keras import ops

from textgen_core.decoding.truncations.threshold import at_least, highest_threshold


def top_k(logprobs: Any, knob: Any) -> Any:
    """Keep each row's knob [n] likeliest tokens; those equal to the last of them stay in, too."""
    ones = ops.ones_like(logprobs, dtype="int32")
    kept = at_least(logprobs, highest_threshold(logprobs, ones, knob))
    return ops.where(kept | (knob >= logprobs.shape[1])[:, None], logprobs, -float("inf"))
