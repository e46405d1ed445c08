"""Attention over a source: each position of a target looks at what an encoder made of the source's.

Shapes: n rows, h heads of queries, g of keys and values, t target positions, s source positions, d dimensions a head.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from textgen_core.models.attention import Cache, attend_cached, empty, in_heads, mix, side_by_side, weigh
from textgen_core.models.dense import Dense
from textgen_core.models.initial import initial_stddev


class CrossAttention(keras.layers.Layer):
    """Multi-head attention of a target over a source (Vaswani et al. 2017).

    Args:
        width: of inputs and outputs; each head has width / heads dimensions.
        heads: heads of queries.
        stddev: of the initial weights of the output's matrix.
        key_value_heads: heads of keys and values; None: as many as of queries.
        use_bias: whether the matrices have one.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        stddev: float,
        key_value_heads: int | None = None,
        use_bias: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.width, self.heads, self.depth = width, heads, width // heads
        self.key_value_heads = key_value_heads or heads

        def dense(units: int, name: str, stddev: float) -> Dense:
            start = keras.initializers.RandomNormal(stddev=stddev)
            return Dense(units, use_bias=use_bias, kernel_initializer=start, name=name, dtype=self.dtype_policy)

        into = initial_stddev(width)
        self.query = dense(width, "query", into)
        self.key = dense(self.key_value_heads * self.depth, "key", into)
        self.value = dense(self.key_value_heads * self.depth, "value", into)
        self.merge = dense(width, "merge", stddev)

    def build(self, shape: Any) -> None:
        """Make the weights."""
        for layer in (self.query, self.key, self.value, self.merge):
            layer.build((None, None, self.width))

    def init_memory(self, rows: int, capacity: int) -> Cache:
        """Empty keys and values [rows, g, m, d] for a source of capacity positions."""
        return empty(rows, self.key_value_heads, capacity, self.depth, self.compute_dtype)

    def remember(self, keys: Any, values: Any) -> Cache:
        """Keys and values [n, g, s, d] of what an encoder gave: both [n, s, width], often the same."""
        k, v = self.key(keys), self.value(values)
        return {"k": in_heads(k, self.key_value_heads), "v": in_heads(v, self.key_value_heads)}

    def call(self, x: Any, memory: Cache, lengths: Any) -> tuple[Any, Any]:
        """Outputs [n, t, width] of x [n, t, width], and weights float32 [n, h, t, s], zero beyond lengths [n] >= 1."""
        seen = ops.arange(memory["k"].shape[2]) < lengths[:, None, None, None]
        weights = weigh(in_heads(self.query(x), self.heads), memory["k"], seen)
        return self.merge(side_by_side(mix(weights, memory["v"]))), weights

    def step(self, x: Any, memory: Cache, lengths: Any) -> Any:
        """Outputs [n, 1, width] of x [n, 1, width] over the first lengths [n] of a memory of whole blocks."""
        q = in_heads(self.query(x), self.heads)
        return self.merge(side_by_side(attend_cached(q, memory["k"], memory["v"], lengths)))
