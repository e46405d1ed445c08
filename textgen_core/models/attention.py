"""Self-attention, causal with a key-value cache or over all of a source.

Shapes: n rows, h heads of queries, g heads of keys and values, t new positions, m cached positions, d dimensions a
head. Everything between the projections is [n, h, t, d] and plain batched matmuls: on CPU an order of magnitude faster
than an einsum over [n, t, h, d]. Where g < h, h/g neighbouring queries share keys and values (Ainslie et al. 2023):
they are more rows of the same product, so that no key is repeated in memory.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from textgen_core.models.backend import softmax_of
from textgen_core.models.dense import Dense
from textgen_core.models.initial import initial_stddev
from textgen_core.models.positions import rotate

Cache = dict[str, Any]

BLOCK = 64
"""Cached positions that are summed together. A cache is whole blocks."""


def weigh(q: Any, k: Any, mask: Any) -> Any:
    """Weights float32 [n, h, t, m] of queries [n, h, t, d] over keys [n, g, m, d]; mask broadcasts to [n, h, t, m].

    What the mask hides gets a weight of exactly zero; it must leave something.
    """
    (h, t, d), (g, m) = q.shape[1:], k.shape[1:3]
    q = ops.reshape(q * d**-0.5, (-1, g, h // g * t, d))
    scores = ops.matmul(q, ops.transpose(k, (0, 1, 3, 2)))
    return softmax(ops.cast(ops.reshape(scores, (-1, h, t, m)), "float32"), mask)


def softmax(scores: Any, mask: Any) -> Any:
    """Weights [.., m] of scores float32 [.., m], zero where mask hides.

    The gradient is by hand: these are the largest tensors of a Transformer, and the automatic one passes over them more
    than twice as often. Hidden scores get none, for their weights are zero.
    """

    @ops.custom_gradient
    def weights_of(scores: Any) -> Any:
        weights = softmax_of(scores + ops.where(mask, 0.0, -1e30))

        def gradient(d_weights: Any) -> Any:
            d = d_weights * weights
            return d - weights * ops.sum(d, axis=-1, keepdims=True)

        return weights, gradient

    return weights_of(scores)


def mix(weights: Any, v: Any) -> Any:
    """Weighted values [n, h, t, d] by weights [n, h, t, m] over values [n, g, m, d]."""
    (h, t, m), (g, _, d) = weights.shape[1:], v.shape[1:]
    values = ops.matmul(ops.reshape(ops.cast(weights, v.dtype), (-1, g, h // g * t, m)), v)
    return ops.reshape(values, (-1, h, t, d))


def attend(q: Any, k: Any, v: Any, mask: Any) -> Any:
    """Weighted values [n, h, t, d] for queries [n, h, t, d] over keys and values [n, g, m, d], as weigh says."""
    return mix(weigh(q, k, mask), v)


def attend_cached(q: Any, k: Any, v: Any, lengths: Any) -> Any:
    """Weighted values [n, h, 1, d] for one query a row over the first lengths [n] of the cached keys [n, g, m, d]."""
    n, g, _, d = k.shape
    scores = ops.matmul(ops.reshape(q, (n, g, q.shape[1] // g, d)), ops.transpose(k, (0, 1, 3, 2)))
    return mix_cached(ops.cast(scores, "float32") * d**-0.5, v, lengths)


def mix_cached(scores: Any, v: Any, lengths: Any) -> Any:
    """Values [n, h, 1, d] weighted by scores float32 [n, g, h/g, m] over the first lengths [n] of v [n, g, m, d].

    Values are summed within blocks and then over the blocks in their order, weights position by position over the
    blocks and then by halves. What lies beyond a row's length adds zeros, so a row has the same bits whatever the size
    of the cache. (``ops.sum``, or a product with ones, goes about it by the shape and the processor.)
    """
    n, g, m, d = v.shape
    blocks, shared = m // BLOCK, scores.shape[2]
    seen = ops.arange(m)[None, :] < lengths[:, None]
    scores = ops.where(seen[:, None, None], scores, -1e30)
    weights = ops.reshape(ops.exp(scores - ops.max(scores, axis=-1, keepdims=True)), (n, g, shared, blocks, BLOCK))
    weights = ops.transpose(weights, (0, 1, 3, 2, 4))
    values = ops.matmul(ops.cast(weights, v.dtype), ops.reshape(v, (n, g, blocks, BLOCK, d)))
    values = ops.cast(values, "float32")
    total, value = weights[:, :, 0], values[:, :, 0]
    for block in range(1, blocks):
        total, value = total + weights[:, :, block], value + values[:, :, block]
    while total.shape[-1] > 1:
        low, high = ops.split(total, 2, axis=-1)
        total = low + high
    return ops.reshape(ops.cast(value / total, v.dtype), (n, g * shared, 1, d))


def in_blocks(positions: int) -> int:
    """Positions in whole blocks: the least number that a cache for so many has."""
    return -(-positions // BLOCK) * BLOCK


def empty(rows: int, heads: int, capacity: int, depth: int, dtype: str) -> Cache:
    """Keys and values [rows, heads, m, depth] of zeros, for capacity positions."""
    shape = (rows, heads, in_blocks(capacity), depth)
    return {"k": ops.zeros(shape, dtype), "v": ops.zeros(shape, dtype)}


def filled(cache: Cache, new: Cache) -> Cache:
    """Caches [n, g, m, d] with new ones [n, g, t, d] in their first t positions."""
    return {name: ops.concatenate([new[name], cache[name][:, :, new[name].shape[2] :]], axis=2) for name in cache}


class SelfAttention(keras.layers.Layer):
    """Multi-head attention of each position over itself and those before it, or over all of a source.

    Args:
        width: of inputs and outputs; each head has width / heads dimensions.
        heads: heads of queries.
        stddev: of the initial weights of the output's matrix.
        key_value_heads: heads of keys and values; None: as many as of queries.
        rotary: whether queries and keys are turned by their positions.
        use_bias: whether both matrices have one.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        stddev: float,
        key_value_heads: int | None = None,
        rotary: bool = True,
        use_bias: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.width, self.heads, self.depth, self.rotary = width, heads, width // heads, rotary
        self.key_value_heads = key_value_heads or heads
        into = keras.initializers.RandomNormal(stddev=initial_stddev(width))
        out = keras.initializers.RandomNormal(stddev=stddev)
        common: dict[str, Any] = {"use_bias": use_bias, "dtype": self.dtype_policy}
        units = (heads + 2 * self.key_value_heads) * self.depth
        self.qkv = Dense(units, kernel_initializer=into, name="qkv", **common)
        self.merge = Dense(width, kernel_initializer=out, name="merge", **common)

    def build(self, shape: Any) -> None:
        """Make the weights."""
        self.qkv.build((None, self.width))
        self.merge.build((None, self.width))

    def init_cache(self, rows: int, capacity: int) -> Cache:
        """Empty keys and values [rows, g, m, d] for capacity positions."""
        return empty(rows, self.key_value_heads, capacity, self.depth, self.compute_dtype)

    def call(self, x: Any) -> Any:
        """Outputs [n, t, width] of x [n, t, width] from position 0 on."""
        return self.prefill(x)[0]

    def prefill(self, x: Any) -> tuple[Any, Cache]:
        """The outputs that call gives, and the keys and values of x's t positions."""
        positions = ops.arange(x.shape[1])
        q, k, v = self._project(x, positions[None])
        mask = positions[:, None] >= positions[None, :]
        return self._merge(attend(q, k, v, mask)), {"k": k, "v": v}

    def read(self, x: Any, lengths: Any) -> Any:
        """Outputs [n, t, width] of x [n, t, width], where each position sees the first lengths [n] of them."""
        positions = ops.arange(x.shape[1])
        q, k, v = self._project(x, positions[None])
        return self._merge(attend(q, k, v, positions < lengths[:, None, None, None]))

    def step(self, x: Any, positions: Any, cache: Cache) -> tuple[Any, Cache]:
        """One new position a row: x [n, 1, width] at positions [n], written to and read with the cache."""
        q, k, v = self._project(x, positions[:, None])
        cache = {"k": write(cache["k"], k, positions), "v": write(cache["v"], v, positions)}
        return self._merge(attend_cached(q, cache["k"], cache["v"], positions + 1)), cache

    def _project(self, x: Any, positions: Any) -> tuple[Any, Any, Any]:
        heads = in_heads(self.qkv(x), self.heads + 2 * self.key_value_heads)
        q, k, v = ops.split(heads, [self.heads, self.heads + self.key_value_heads], axis=1)
        return (rotate(q, positions), rotate(k, positions), v) if self.rotary else (q, k, v)

    def _merge(self, x: Any) -> Any:
        return self.merge(side_by_side(x))


def side_by_side(x: Any) -> Any:
    """What the heads gave [n, h, t, d], as [n, t, h d]."""
    h, t, d = x.shape[1:]
    return ops.reshape(ops.transpose(x, (0, 2, 1, 3)), (-1, t, h * d))


def in_heads(x: Any, heads: int) -> Any:
    """x [n, t, h d] as [n, h, t, d]."""
    t, width = x.shape[1:]
    return ops.transpose(ops.reshape(x, (-1, t, heads, width // heads)), (0, 2, 1, 3))


def write(cache: Any, new: Any, positions: Any) -> Any:
    """The cache [n, g, m, d] with new [n, g, 1, d] at each row's position [n]."""
    rows, heads, _, depth = cache.shape
    row, head = ops.repeat(ops.arange(rows), heads), ops.tile(ops.arange(heads), [rows])
    indices = ops.stack([row, head, ops.repeat(ops.cast(positions, row.dtype), heads)], axis=1)
    return ops.scatter_update(cache, indices, ops.reshape(new, (rows * heads, depth)))
