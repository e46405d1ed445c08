"""Where a token stands: queries and keys are turned by it, or a vector that was learned for it is added."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


def rotate(x: Any, positions: Any) -> Any:
    """Rotary position embedding (Su et al. 2021) of x [n, h, t, d] at positions [n or 1, t].

    Pairs dimension i with i + d/2. Computed in float32: at positions in the thousands bfloat16 can't tell neighbours.
    """
    half = x.shape[-1] // 2
    frequencies = ops.power(10_000.0, -ops.arange(half, dtype="float32") / half)
    angles = ops.cast(positions, "float32")[:, None, :, None] * frequencies
    cos, sin = ops.cos(angles), ops.sin(angles)
    first, second = ops.split(ops.cast(x, "float32"), 2, axis=-1)
    turned = ops.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)
    return ops.cast(turned, x.dtype)


class LearnedPositions(keras.layers.Layer):
    """A vector for each position, to be added to the token's (Gehring et al. 2017; GPT-2)."""

    def __init__(self, context: int, width: int, stddev: float, **options: Any) -> None:
        super().__init__(**options)
        self.context, self.width, self.stddev = context, width, stddev

    def build(self, shape: Any = None) -> None:
        """Make the weights."""
        start = keras.initializers.RandomNormal(stddev=self.stddev)
        self.embeddings = self.add_weight(shape=(self.context, self.width), initializer=start, name="embeddings")

    def call(self, positions: Any) -> Any:
        """Vectors [.., width] of positions [..]; whatever lies beyond the context has the last one."""
        table = ops.cast(self.embeddings, self.compute_dtype)
        return ops.take(table, ops.minimum(positions, self.context - 1), axis=0)
