"""Finding where to cut a row of log-probabilities, without sorting it: on CPU a sort costs ten times as much.

A threshold is found bit by bit. It lives among 32-bit integers that are ordered as the floats are, so that the search
ends after 32 steps at the exact value, however close two log-probabilities are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

LOWEST = -(2**31)
BITS = 32


def fewest_that_hold(share: Any, logprobs: Any, rank: Any) -> Any:
    """The fewest tokens, those of the highest rank, that hold a share of all probability; equals of the last, too.

    Args:
        share: [n] > 0.
        logprobs: [n, vocab] float32, up to a constant a row.
        rank: [n, vocab] float32.

    Returns:
        [n, vocab] bool.
    """
    weights = ops.exp(logprobs - ops.max(logprobs, axis=1, keepdims=True))
    needed = share * ops.sum(weights, axis=1)
    return at_least(rank, highest_threshold(rank, weights, needed))


def highest_threshold(values: Any, weights: Any, needed: Any) -> Any:
    """The highest threshold [n] at which the tokens at or above it still weigh at least needed [n].

    Args:
        values: [n, vocab] float32.
        weights: [n, vocab] >= 0, what each token counts for.
        needed: [n]; where it is more than all there is, the threshold is the lowest there can be.
    """
    zero = ops.zeros_like(weights)
    return highest_where(values, lambda inside: ops.sum(ops.where(inside, weights, zero), axis=1) >= needed)


def highest_where(values: Any, holds: Callable[[Any], Any]) -> Any:
    """The highest threshold [n] at which something holds of the tokens at or above it; the lowest one if it never does.

    Args:
        values: [n, vocab] float32.
        holds: from tokens [n, vocab] bool to [n] bool; true of more tokens whenever it is true of fewer.
    """
    order = _ordered(values)

    def raise_by_bit(step: Any, threshold: Any) -> tuple[Any, Any]:
        higher = threshold + ops.left_shift(ops.ones_like(threshold), BITS - 1 - step)
        return step + 1, ops.where(holds(order >= higher[:, None]), higher, threshold)

    start = ops.full((values.shape[0],), LOWEST, dtype="int32")
    _, threshold = ops.while_loop(
        lambda step, _: step < BITS, raise_by_bit, (ops.convert_to_tensor(0, dtype="int32"), start)
    )
    return threshold


def at_least(values: Any, threshold: Any) -> Any:
    """Which of values [n, vocab] are at or above a threshold [n]."""
    return _ordered(values) >= threshold[:, None]


def above(values: Any, threshold: Any) -> Any:
    """Which of values [n, vocab] are above a threshold [n]."""
    return _ordered(values) > threshold[:, None]


def _ordered(x: Any) -> Any:
    """Integers ordered as the floats x: negative floats' bits run backwards."""
    bits = ops.view(x + 0.0, dtype="int32")  # + 0.0 makes a negative zero positive: the two are equal
    return ops.where(bits < 0, ops.bitwise_xor(bits, ops.full_like(bits, 2**31 - 1)), bits)
