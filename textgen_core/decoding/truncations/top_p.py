"""Top-p or nucleus sampling (Holtzman et al. 2019)."""

from __future__ import annotations

from typing import Any

from keras import ops

from textgen_core.decoding.truncations.threshold import fewest_that_hold


def top_p(logprobs: Any, knob: Any) -> Any:
    """Keep the fewest likeliest tokens that hold the share knob [n] of what is left; equals of the last stay, too."""
    kept = fewest_that_hold(knob, logprobs, rank=logprobs)
    return ops.where(kept | (knob >= 1.0)[:, None], logprobs, -float("inf"))
