"""Eta sampling, and epsilon sampling as its special case (Hewitt et al. 2022): what is too improbable is noise.

Both drop the tokens below a probability: epsilon, or eta = min(epsilon, sqrt(epsilon) * exp(-entropy)), which gives way
where the model is so unsure that every token is improbable. Epsilon sampling is eta sampling that never gives way.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from textgen_core.decoding.truncations.entropy import entropy, normalised


def eta(logprobs: Any, knob: Any) -> Any:
    """Keep the tokens at least as probable as eta with epsilon = knob [n]; the likeliest always."""
    own = normalised(logprobs)
    lowest = ops.log(knob)
    return _from(ops.minimum(lowest, lowest / 2 - entropy(own)), own, logprobs)


def epsilon(logprobs: Any, knob: Any) -> Any:
    """Keep the tokens at least as probable as knob [n]; the likeliest always."""
    return _from(ops.log(knob), normalised(logprobs), logprobs)


def _from(lowest: Any, own: Any, logprobs: Any) -> Any:
    """logprobs [n, vocab] where their normalised form own is at least lowest [n], and at their highest."""
    kept = (own >= lowest[:, None]) | (logprobs == ops.max(logprobs, axis=1, keepdims=True))
    return ops.where(kept, logprobs, -float("inf"))
