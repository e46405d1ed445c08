"""XTC, "exclude top choices": now and then the obvious is passed over for the least likely of the viable tokens.

By its author (p-e-w, 2024) in a change of a web interface for text generation; there is no paper.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from textgen_core.decoding.truncations.entropy import normalised


def xtc(logprobs: Any, knob: Any) -> Any:
    """Drop the tokens at least as probable as knob [n], all but the least likely of them (and its equals)."""
    viable = normalised(logprobs) >= ops.log(knob)[:, None]
    least = ops.min(ops.where(viable, logprobs, float("inf")), axis=1, keepdims=True)
    return ops.where(viable & (logprobs > least), -float("inf"), logprobs)
