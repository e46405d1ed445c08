"""The decoder-only Transformer family: attention and feed-forward on a stream, each normalised before (pre-norm).

Vaswani et al. 2017; by default in the form that Touvron et al. 2023 (LLaMA) settled on, with other settings as GPT-2
(Radford et al. 2019), and anything between.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from textgen_core.models.attention import Cache, SelfAttention, filled
from textgen_core.models.dense import Dense
from textgen_core.models.embedding import TokenEmbedding
from textgen_core.models.feed_forward import ACTIVATIONS
from textgen_core.models.initial import branch_stddev, initial_stddev
from textgen_core.models.interface import LanguageModel, State
from textgen_core.models.positions import LearnedPositions
from textgen_core.models.settings import TransformerSettings
from textgen_core.models.shapes import TransformerShape


def normalization(settings: TransformerShape, name: str, policy: Any) -> keras.layers.Layer:
    """A layer that brings each vector to unit size: RMSNorm (Zhang & Sennrich 2019) or LayerNorm (Ba et al. 2016)."""
    if settings.norm == "rms":
        return keras.layers.RMSNormalization(name=name, dtype=policy)
    # GPT-2's epsilon; Keras's own is a hundred times as large.
    return keras.layers.LayerNormalization(epsilon=1e-5, center=settings.has_biases, name=name, dtype=policy)


class Block(keras.layers.Layer):
    """Attention, then a feed-forward, each on a normalised copy and added back.

    depth: blocks that write on the same stream.
    """

    def __init__(self, settings: TransformerShape, depth: int, **options: Any) -> None:
        super().__init__(**options)
        policy = self.dtype_policy
        branch = branch_stddev(settings.width, depth)
        into = keras.initializers.RandomNormal(stddev=initial_stddev(settings.width))
        out = keras.initializers.RandomNormal(stddev=branch)
        self.width, self.inner = settings.width, settings.feed_forward_width
        self.activation = ACTIVATIONS[settings.activation]
        common: dict[str, Any] = {"use_bias": settings.has_biases, "dtype": policy}
        self.attention_norm = normalization(settings, "attention_norm", policy)
        self.attention = SelfAttention(
            settings.width,
            settings.heads,
            branch,
            settings.key_value_heads,
            rotary=settings.positions == "rotary",
            name="attention",
            **common,
        )
        self.feed_norm = normalization(settings, "feed_norm", policy)
        units = self.activation.parts * self.inner
        self.up = Dense(units, kernel_initializer=into, name=self.activation.matrix, **common)
        self.down = Dense(self.width, kernel_initializer=out, name="down", **common)
        self.dropout = keras.layers.Dropout(settings.dropout, name="dropout", dtype=policy)

    def build(self, shape: Any) -> None:
        """Make all weights."""
        for layer in (self.attention_norm, self.attention, self.feed_norm, self.up):
            layer.build((None, None, self.width))
        self.down.build((None, None, self.inner))

    def call(self, x: Any, training: bool = False) -> Any:
        """The stream [n, t, width] after this block."""
        return self.feed(self.attend(x, training), training)

    def read(self, x: Any, lengths: Any, training: bool = False) -> Any:
        """As call, of a source: each position sees the first lengths [n] of its row."""
        mixed = self.attention.read(self.attention_norm(x), lengths)
        return self.feed(x + self.dropout(mixed, training=training), training)

    def prefill(self, x: Any) -> tuple[Any, Cache]:
        """The stream that call gives, and the keys and values of its positions."""
        x, cache = self.attend_prefill(x)
        return self.feed(x), cache

    def step(self, x: Any, positions: Any, cache: Cache) -> tuple[Any, Cache]:
        """One new position a row: x [n, 1, width] at positions [n]."""
        x, cache = self.attend_step(x, positions, cache)
        return self.feed(x), cache

    def attend(self, x: Any, training: bool = False) -> Any:
        """The first half of call: attention."""
        return x + self.dropout(self.attention(self.attention_norm(x)), training=training)

    def attend_prefill(self, x: Any) -> tuple[Any, Cache]:
        """The first half of prefill."""
        mixed, cache = self.attention.prefill(self.attention_norm(x))
        return x + mixed, cache

    def attend_step(self, x: Any, positions: Any, cache: Cache) -> tuple[Any, Cache]:
        """The first half of step."""
        mixed, cache = self.attention.step(self.attention_norm(x), positions, cache)
        return x + mixed, cache

    def feed(self, x: Any, training: bool = False) -> Any:
        """The second half of all: the feed-forward."""
        fed = self.down(self.activation.apply(self.up(self.feed_norm(x))))
        return x + self.dropout(fed, training=training)


class TransformerModel(LanguageModel):
    """Its state: each row's length [n], and each block's keys and values [n, g, capacity, d]."""

    def __init__(self, settings: TransformerSettings, vocab_size: int, **options: Any) -> None:
        super().__init__(name="transformer", **options)
        self.settings, self.vocab_size = settings, vocab_size
        policy, stddev = self.dtype_policy, initial_stddev(settings.width)
        self.embedding = TokenEmbedding(
            vocab_size, settings.width, stddev, settings.tied, not settings.has_biases, name="embedding", dtype=policy
        )
        self.positions = None
        if settings.positions == "learned":
            self.positions = LearnedPositions(settings.context, settings.width, stddev, name="positions", dtype=policy)
        depth = settings.layers
        self.blocks = [Block(settings, depth, name=f"block_{i}", dtype=policy) for i in range(depth)]
        self.norm = normalization(settings, "norm", policy)
        self.dropout = keras.layers.Dropout(settings.dropout, name="dropout", dtype=policy)
        self.build((None, None))

    def build(self, shape: Any) -> None:
        """Make all weights."""
        self.embedding.build()
        if self.positions is not None:
            self.positions.build()
        for layer in (*self.blocks, self.norm):
            layer.build((None, None, self.settings.width))
        self.built = True

    @property
    def carries_state(self) -> bool:
        """Windows are independent."""
        return False

    @property
    def max_context(self) -> int:
        """The context of its settings."""
        return self.settings.context

    def init_state(self, rows: int, capacity: int, condition: Any = None) -> State:
        """Empty caches."""
        caches = [block.attention.init_cache(rows, capacity) for block in self.blocks]
        return {"lengths": ops.zeros((rows,), "int32"), "blocks": caches}

    def call(self, tokens: Any, state: State | None = None, training: bool = False) -> Any:
        """See the interface; takes no state."""
        x = self.dropout(self._embedded(tokens, ops.arange(tokens.shape[1])), training=training)
        for block in self.blocks:
            x = block(x, training=training)
        return self.embedding.logits(self.norm(x))

    def prefill(self, tokens: Any, lengths: Any, state: State) -> tuple[Any, State]:
        """See the interface. The state must be fresh and its capacity at least t."""
        x, caches = self._embedded(tokens, ops.arange(tokens.shape[1])), []
        for block, empty in zip(self.blocks, state["blocks"], strict=True):
            x, new = block.prefill(x)
            caches.append(filled(empty, new))
        last = ops.take_along_axis(x, (lengths - 1)[:, None, None], axis=1)
        logits = self.embedding.logits(self.norm(last))[:, 0]
        return logits, {"lengths": ops.cast(lengths, "int32"), "blocks": caches}

    def step(self, tokens: Any, state: State) -> tuple[Any, State]:
        """See the interface. A row beyond its capacity overwrites its last position."""
        capacity = state["blocks"][0]["k"].shape[2]
        positions = ops.minimum(state["lengths"], capacity - 1)
        x, caches = self._embedded(tokens, positions)[:, None], []
        for block, cache in zip(self.blocks, state["blocks"], strict=True):
            x, cache = block.step(x, positions, cache)
            caches.append(cache)
        return self.embedding.logits(self.norm(x))[:, 0], {"lengths": state["lengths"] + 1, "blocks": caches}

    def _embedded(self, tokens: Any, positions: Any) -> Any:
        """Vectors [.., width] of tokens [..] at positions that broadcast to [..]."""
        x = self.embedding(tokens)
        return x if self.positions is None else x + self.positions(positions)
