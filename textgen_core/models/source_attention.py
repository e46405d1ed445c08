"""A recurrent decoder's attention over its source: additive (Bahdanau et al. 2015) or dot (Luong et al. 2015).

Shapes: n rows, t target positions, s source positions, u units. Memories have the shapes of a cache with one head.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from textgen_core.models.attention import Cache, empty, mix, mix_cached, softmax
from textgen_core.models.dense import Dense


class SourceAttention(keras.layers.Layer):
    """The decoder's output, enriched with what it looks at: tanh of a projection of both (Luong et al. 2015).

    Args:
        units: of outputs, queries, keys and values.
        additive: a score is v . tanh(W query + U key); otherwise query . U key, Luong's "general". It has no factor for
            the width: outputs of cells are small, and with one attention stays even for a thousand steps.
    """

    def __init__(self, units: int, additive: bool, **options: Any) -> None:
        super().__init__(**options)
        self.units, self.additive = units, additive

        def dense(name: str) -> Dense:
            return Dense(units, use_bias=False, name=name, dtype=self.dtype_policy)

        self.key, self.merge = dense("key" if additive else "general"), dense("merge")
        self.query = dense("query") if additive else None

    def build(self, shape: Any) -> None:
        """Make the weights."""
        self.key.build((None, self.units))
        self.merge.build((None, 2 * self.units))
        if self.query is not None:
            self.query.build((None, self.units))
            self.score = self.add_weight(shape=(self.units,), initializer=_even, name="score")

    def init_memory(self, rows: int, capacity: int) -> Cache:
        """Empty keys and values [rows, 1, m, u] for a source of capacity positions."""
        return empty(rows, 1, capacity, self.units, self.compute_dtype)

    def remember(self, source: Any) -> Cache:
        """Keys and values [n, 1, s, u] of what the encoder gave [n, s, u]."""
        return {"k": self.key(source)[:, None], "v": source[:, None]}

    def call(self, x: Any, memory: Cache, lengths: Any) -> tuple[Any, Any]:
        """Outputs [n, t, u] of x [n, t, u], and weights float32 [n, t, s], zero beyond lengths [n] >= 1."""
        weights = softmax(self._scores(x, memory), ops.arange(memory["k"].shape[2]) < lengths[:, None, None])
        return self._merged(x, mix(weights[:, None], memory["v"])[:, 0]), weights

    def step(self, x: Any, memory: Cache, lengths: Any) -> Any:
        """Outputs [n, u] of x [n, u] over the first lengths [n] of a memory of whole blocks."""
        scores = self._scores(x[:, None], memory)
        return self._merged(x, mix_cached(scores[:, None], memory["v"], lengths)[:, 0, 0])

    def _scores(self, x: Any, memory: Cache) -> Any:
        """Scores float32 [n, t, s] of x [n, t, u]."""
        keys = memory["k"][:, 0]
        if self.query is None:
            return ops.cast(ops.matmul(x, ops.transpose(keys, (0, 2, 1))), "float32")
        both = ops.tanh(self.query(x)[:, :, None] + keys[:, None])
        return ops.cast(ops.sum(both * ops.cast(self.score, self.compute_dtype), axis=-1), "float32")

    def _merged(self, x: Any, seen: Any) -> Any:
        return ops.tanh(self.merge(ops.concatenate([x, seen], axis=-1)))


def _even(shape: Any, dtype: Any = None) -> Any:
    """Values of a sum of squares of one, with both signs: scores begin spread, whatever the width."""
    return keras.initializers.RandomNormal(stddev=shape[0] ** -0.5)(shape, dtype)
