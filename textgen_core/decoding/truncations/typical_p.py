"""Locally typical sampling (Meister et al. 2022): tokens that tell about as much as one expects to be told."""

from __future__ import annotations

from typing import Any

from keras import ops

from textgen_core.decoding.truncations.entropy import entropy, normalised
from textgen_core.decoding.truncations.threshold import fewest_that_hold


def typical_p(logprobs: Any, knob: Any) -> Any:
    """Keep the fewest tokens that hold the share knob [n], those whose surprisal is nearest to the entropy first.

    Tokens as near as the last of them stay, too. The likeliest token may be left out: it tells too little.
    """
    own = normalised(logprobs)
    nearness = -ops.abs(own + entropy(own)[:, None])
    kept = fewest_that_hold(knob, logprobs, rank=nearness)
    return ops.where(kept | (knob >= 1.0)[:, None], logprobs, -float("inf"))
