"""Causal self-attention with rotary positions and a key-value cache.

Shapes: n rows, h heads, t new positions, m cached positions, d dimensions a head. Everything between the projections
is [n, h, t, d] and plain batched matmuls: on CPU an order of magnitude faster than an einsum over [n, t, h, d].
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

Cache = dict[str, Any]

BLOCK = 64
"""Cached positions that are summed together. A cache is whole blocks."""


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


def attend(q: Any, k: Any, v: Any, mask: Any) -> Any:
    """Weighted values [n, h, t, d] for queries [n, h, t, d] over keys [n, h, m, d]; mask broadcasts to [n, h, t, m].

    Softmax in float32; what the mask hides gets a weight of exactly zero.
    """
    scores = ops.cast(ops.matmul(q, ops.transpose(k, (0, 1, 3, 2))), "float32") * q.shape[-1] ** -0.5
    scores = ops.where(mask, scores, -1e30)
    weights = ops.exp(scores - ops.max(scores, axis=-1, keepdims=True))  # Keras' own warns about a single key
    weights = weights / ops.sum(weights, axis=-1, keepdims=True)
    return ops.matmul(ops.cast(weights, v.dtype), v)


def attend_cached(q: Any, k: Any, v: Any, lengths: Any) -> Any:
    """Weighted values [n, h, 1, d] for one query a row over the first lengths [n] of the cached keys [n, h, m, d].

    Values are summed within blocks and then over the blocks in their order, weights position by position over the
    blocks and then by halves. What lies beyond a row's length adds zeros, so a row has the same bits whatever the size
    of the cache. (``ops.sum``, or a product with ones, goes about it by the shape and the processor.)
    """
    n, h, m, d = k.shape
    blocks = m // BLOCK
    scores = ops.matmul(q, ops.transpose(k, (0, 1, 3, 2)))[:, :, 0]
    seen = ops.arange(m)[None, :] < lengths[:, None]
    scores = ops.where(seen[:, None], ops.cast(scores, "float32") * d**-0.5, -1e30)
    weights = ops.reshape(ops.exp(scores - ops.max(scores, axis=-1, keepdims=True)), (n, h, blocks, 1, BLOCK))
    values = ops.matmul(ops.cast(weights, v.dtype), ops.reshape(v, (n, h, blocks, BLOCK, d)))[:, :, :, 0]
    total, value = weights[:, :, 0, 0], ops.cast(values[:, :, 0], "float32")
    for block in range(1, blocks):
        total, value = total + weights[:, :, block, 0], value + values[:, :, block]
    while total.shape[-1] > 1:
        low, high = ops.split(total, 2, axis=-1)
        total = low + high
    return ops.cast(value / total, v.dtype)[:, :, None]


class CausalAttention(keras.layers.Layer):
    """Multi-head attention of each position over itself and those before it."""

    def __init__(self, width: int, heads: int, stddev: float, **options: Any) -> None:
        super().__init__(**options)
        self.width, self.heads = width, heads
        into = keras.initializers.RandomNormal(stddev=0.02)
        out = keras.initializers.RandomNormal(stddev=stddev)
        self.qkv = keras.layers.Dense(
            3 * width, use_bias=False, kernel_initializer=into, name="qkv", dtype=self.dtype_policy
        )
        self.merge = keras.layers.Dense(
            width, use_bias=False, kernel_initializer=out, name="merge", dtype=self.dtype_policy
        )

    def build(self, shape: Any) -> None:
        """Make the weights."""
        self.qkv.build((None, self.width))
        self.merge.build((None, self.width))

    def init_cache(self, rows: int, capacity: int) -> Cache:
        """Empty keys and values [rows, heads, m, d] for capacity positions."""
        shape = (rows, self.heads, -(-capacity // BLOCK) * BLOCK, self.width // self.heads)
        return {"k": ops.zeros(shape, self.compute_dtype), "v": ops.zeros(shape, self.compute_dtype)}

    def call(self, x: Any) -> Any:
        """Outputs [n, t, width] of x [n, t, width] from position 0 on."""
        return self.prefill(x)[0]

    def prefill(self, x: Any) -> tuple[Any, Cache]:
        """The outputs that call gives, and the keys and values of x's t positions."""
        positions = ops.arange(x.shape[1])
        q, k, v = self._project(x, positions[None])
        mask = positions[:, None] >= positions[None, :]
        return self._merge(attend(q, k, v, mask)), {"k": k, "v": v}

    def step(self, x: Any, positions: Any, cache: Cache) -> tuple[Any, Cache]:
        """One new position a row: x [n, 1, width] at positions [n], written to and read with the cache."""
        q, k, v = self._project(x, positions[:, None])
        cache = {"k": write(cache["k"], k, positions), "v": write(cache["v"], v, positions)}
        return self._merge(attend_cached(q, cache["k"], cache["v"], positions + 1)), cache

    def _project(self, x: Any, positions: Any) -> tuple[Any, Any, Any]:
        split = ops.reshape(self.qkv(x), (-1, x.shape[1], 3, self.heads, self.width // self.heads))
        q, k, v = ops.unstack(ops.transpose(split, (2, 0, 3, 1, 4)), 3)
        return rotate(q, positions), rotate(k, positions), v

    def _merge(self, x: Any) -> Any:
        return self.merge(ops.reshape(ops.transpose(x, (0, 2, 1, 3)), (-1, x.shape[2], self.width)))


def write(cache: Any, new: Any, positions: Any) -> Any:
    """The cache [n, h, m, d] with new [n, h, 1, d] at each row's position [n]."""
    rows, heads, _, depth = cache.shape
    row, head = ops.repeat(ops.arange(rows), heads), ops.tile(ops.arange(heads), [rows])
    indices = ops.stack([row, head, ops.repeat(ops.cast(positions, row.dtype), heads)], axis=1)
    return ops.scatter_update(cache, indices, ops.reshape(new, (rows * heads, depth)))
