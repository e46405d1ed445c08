"""Finding where to cut a row of log-probabilities, without sorting it: on CPU a sort costs ten times as much.

A threshold is found bit by bit. It lives among 32-bit integers that are ordered as the floats are, so that the search
ends after 32 steps at the exact value, however close two log-probabilities are.
"""

from __future__ import annotations

from typing import Any

from keras import ops

LOWEST = -(2**31)
BITS = 32


def highest_threshold(logprobs: Any, weights: Any, needed: Any) -> Any:
    """The highest threshold [n] at which the tokens at or above it still weigh at least needed [n].

    Args:
        logprobs: [n, vocab] float32.
        weights: [n, vocab] >= 0, what each token counts for.
        needed: [n]; where it is more than all there is, the threshold is the lowest there can be.
    """
    order = _ordered(logprobs)
    zero = ops.zeros_like(weights)

    def raise_by_bit(step: Any, threshold: Any) -> tuple[Any, Any]:
        higher = threshold + ops.left_shift(ops.ones_like(threshold), BITS - 1 - step)
        weight = ops.sum(ops.where(order >= higher[:, None], weights, zero), axis=1)
        return step + 1, ops.where(weight >= needed, higher, threshold)

    start = ops.full((logprobs.shape[0],), LOWEST, dtype="int32")
    _, threshold = ops.while_loop(
        lambda step, _: step < BITS, raise_by_bit, (ops.convert_to_tensor(0, dtype="int32"), start)
    )
    return threshold


def at_least(logprobs: Any, threshold: Any) -> Any:
    """Which of logprobs [n, vocab] are at or above a threshold [n]."""
    return _ordered(logprobs) >= threshold[:, None]


def _ordered(x: Any) -> Any:
    """Integers ordered as the floats x: negative floats' bits run backwards."""
    bits = ops.view(x + 0.0, dtype="int32")  # + 0.0 makes a negative zero positive: the two are equal
    return ops.where(bits < 0, ops.bitwise_xor(bits, ops.full_like(bits, 2**31 - 1)), bits)
