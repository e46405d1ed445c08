"""Drawing a token by inverting the cumulative distribution, in two stages so that no row is summed to its end.

A Gumbel for every token of the vocabulary would cost a fifth of a decoding step; this costs two numbers a row.
"""

from __future__ import annotations

import math
from typing import Any

from keras import ops


def draw(logprobs: Any, first: Any, second: Any) -> Any:
    """One token id [n] int32 a row with probability proportional to exp(logprobs [n, vocab]).

    first [n] chooses a block of neighbouring tokens, second [n] a token in it; both uniform in [0, 1), independent. A
    token at -inf is never drawn.
    """
    rows, vocab = logprobs.shape
    width = math.ceil(math.sqrt(vocab))
    blocks = math.ceil(vocab / width)
    weights = ops.exp(logprobs - ops.max(logprobs, axis=1, keepdims=True))
    weights = ops.reshape(ops.pad(weights, ((0, 0), (0, blocks * width - vocab))), (rows, blocks, width))
    block = invert(ops.sum(weights, axis=2), first)
    inside = ops.squeeze(ops.take_along_axis(weights, block[:, None, None], axis=1), axis=1)
    return block * width + invert(inside, second)


def invert(weights: Any, uniform: Any) -> Any:
    """The index [n] int32 at which the running sum of weights [n, m] passes the share uniform [n] of the whole.

    Only where a weight is positive: a running sum that is computed in pieces may creep up past a weight of zero.
    """
    running = ops.cumsum(weights, axis=1)
    passed = (running > (uniform * running[:, -1])[:, None]) & (weights > 0)
    found = ops.argmax(ops.cast(passed, "int32"), axis=1)
    likeliest = ops.argmax(weights, axis=1)  # where rounding lets none pass
    return ops.cast(ops.where(ops.any(passed, axis=1), found, likeliest), "int32")
