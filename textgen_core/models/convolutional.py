"""The gated causal convolution as a layer: over whole sequences, or one position at a time from a ring buffer.

Shapes: n rows, t positions, d channels, k taps that lie ``dilation`` positions apart, the last one on the position
itself. An output looks back on r = (k - 1) * dilation positions, and a ring holds the last r inputs.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from textgen_core.models.convolution import gate, gated_convolution
from textgen_core.models.half import Half, product


class GatedConvolution(keras.layers.Layer):
    """``keras.layers.Conv1D`` to 2 d channels with padding="causal", its function and weights, gated to d channels.

    A position's phase is its number modulo dilation. All that an output needs is of its own phase, so a ring
    [n, dilation, (k - 1) d] keeps the inputs of each phase side by side, the oldest first: a step reads and writes one
    piece of it, however long it is.
    """

    half: Half | None = None

    def __init__(self, width: int, taps: int, dilation: int, **options: Any) -> None:
        super().__init__(**options)
        self.width, self.taps, self.dilation = width, taps, dilation
        self.reach = (taps - 1) * dilation  # r
        self._convolve = gated_convolution(taps, dilation)

    def build(self, shape: Any) -> None:
        """Make the weights."""
        self.kernel = self.add_weight(
            shape=(self.taps, self.width, 2 * self.width), initializer="lecun_normal", name="kernel"
        )
        self.bias = self.add_weight(shape=(2 * self.width,), initializer="zeros", name="bias")

    def halve(self) -> None:
        """See ``models.half``: of steps alone."""
        self.half = Half(self._weights[0])

    def init_ring(self, rows: int) -> Any:
        """Zeros: what a sequence finds before its beginning."""
        return ops.zeros((rows, self.dilation, (self.taps - 1) * self.width), self.compute_dtype)

    def call(self, x: Any, lengths: Any, ring: Any, positions: Any) -> tuple[Any, Any]:
        """Outputs [n, t, d] of x [n, t, d], and the ring after each row's first lengths [n] inputs.

        positions [n]: the number of each row's first input.
        """
        padded = ops.concatenate([self._in_order(ring, positions), x], axis=1)
        return self._convolve(padded, *self._weights), self._in_a_ring(padded, lengths, positions + lengths)

    def read(self, x: Any, lengths: Any) -> Any:
        """Outputs [n, t, d] of x [n, t, d], the taps around the position: of a source that ends at lengths [n]."""
        inside = ops.arange(ops.shape(x)[1], dtype="int32") < lengths[:, None]
        before = self.reach // 2
        padded = ops.pad(ops.where(inside[:, :, None], x, 0), [(0, 0), (before, self.reach - before), (0, 0)])
        return self._convolve(padded, *self._weights)

    def step(self, x: Any, ring: Any, positions: Any) -> tuple[Any, Any]:
        """Outputs [n, d] of x [n, d], the inputs with the numbers positions [n], and the ring after them."""
        phase = ops.mod(positions, self.dilation)
        seen = ops.take_along_axis(ring, phase[:, None, None], axis=1)[:, 0]
        taps = ops.concatenate([seen, x], axis=-1)
        slots = ops.stack([ops.arange(ops.shape(x)[0], dtype="int32"), phase], axis=1)
        kernel, bias = self._weights
        return gate(product(taps, self.half or kernel) + bias), ops.scatter_update(ring, slots, taps[:, self.width :])

    def _in_order(self, ring: Any, positions: Any) -> Any:
        """The last r inputs [n, r, d] before positions [n], the oldest first."""
        age = ops.arange(self.reach, dtype="int32")
        phase = ops.mod(positions[:, None] + age, self.dilation)
        inputs = ops.reshape(ring, (-1, self.reach, self.width))
        return _rows_at(inputs, phase * (self.taps - 1) + age // self.dilation)

    def _in_a_ring(self, padded: Any, starts: Any, positions: Any) -> Any:
        """The ring before positions [n], of the r inputs from starts [n] on of padded [n, r + t, d]."""
        slot = ops.arange(self.reach, dtype="int32")
        phase, tap = slot // (self.taps - 1), slot % (self.taps - 1)
        age = tap * self.dilation + ops.mod(phase - positions[:, None], self.dilation)
        inputs = _rows_at(padded, starts[:, None] + age)
        return ops.reshape(inputs, (-1, self.dilation, (self.taps - 1) * self.width))

    @property
    def _weights(self) -> tuple[Any, Any]:
        """Kernel [k d, 2 d] and bias [2 d] as they are computed with."""
        kernel = ops.reshape(self.kernel, (self.taps * self.width, 2 * self.width))
        return ops.cast(kernel, self.compute_dtype), ops.cast(self.bias, self.compute_dtype)


def _rows_at(x: Any, places: Any) -> Any:
    """x [n, m, d] at each row's places [n, p]: [n, p, d]."""
    rows, length, width = ops.shape(x)
    first = ops.arange(rows, dtype="int32")[:, None] * length
    return ops.take(ops.reshape(x, (-1, width)), first + places, axis=0)
