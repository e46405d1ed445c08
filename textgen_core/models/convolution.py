"""Gated causal convolution over whole sequences, fast: one matrix product over the taps side by side, the gradient by
hand.

Automatic differentiation would put the gradient of each slice into zeros of its own, through an operation that is slow
on CPUs.

Shapes: n rows, t positions, d input channels, k taps that lie ``dilation`` positions apart, r = (k - 1) * dilation
positions that come before the first output.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

from keras import ops

Tensors = tuple[Any, ...]


def gate(product: Any) -> Any:
    """Gated linear unit (Dauphin et al. 2017): the first half of the channels times the sigmoid of the second."""
    value, opening = ops.split(product, 2, axis=-1)
    return value * ops.sigmoid(opening)


def gated_convolution(taps: int, dilation: int) -> Callable[[Any, Any, Any], Any]:
    """The function of padded [n, r + t, d], kernel [k d, 2 c] and bias [2 c] to outputs [n, t, c]."""
    starts = range(0, (taps - 1) * dilation + 1, dilation)

    def gather(padded: Any) -> Any:
        length = ops.shape(padded)[1] - starts[-1]
        return ops.concatenate([padded[:, start : start + length] for start in starts], axis=-1)

    def spread(d_taps: Any) -> Any:
        """The gradient [n, r + t, d] of what gather gave [n, t, k d]."""
        parts = zip(ops.split(d_taps, taps, axis=-1), starts, strict=True)
        return reduce(ops.add, [ops.pad(part, [(0, 0), (start, starts[-1] - start), (0, 0)]) for part, start in parts])

    def convolve(padded: Any, kernel: Any, bias: Any) -> Any:
        gathered = gather(padded)
        rows, length, width = ops.shape(gathered)
        flat = ops.reshape(gathered, (-1, width))  # [n, t, k d] would be a product for each row
        value, opening = ops.split(ops.matmul(flat, kernel) + bias, 2, axis=-1)
        opened = ops.sigmoid(opening)

        def gradient(d_outputs: Any) -> Tensors:
            d_value = ops.reshape(d_outputs, (-1, ops.shape(d_outputs)[-1])) * opened
            d_product = ops.concatenate([d_value, d_value * value * (1 - opened)], axis=-1)
            d_taps = ops.reshape(ops.matmul(d_product, ops.transpose(kernel)), (rows, length, width))
            return spread(d_taps), ops.matmul(ops.transpose(flat), d_product), ops.sum(d_product, axis=0)

        return ops.reshape(value * opened, (rows, length, -1)), gradient

    function: Callable[[Any, Any, Any], Any] = ops.custom_gradient(convolve)
    return function
