"""The Transformer encoder-decoder: blocks that read the source both ways, and blocks that also attend to it.

Vaswani et al. 2017, with the layers of our decoder-only Transformer: pre-norm, and one embedding for both sides.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from textgen_core.models.attention import Cache, filled
from textgen_core.models.cross_attention import CrossAttention
from textgen_core.models.embedding import TokenEmbedding
from textgen_core.models.encoder_decoder import EncoderDecoder, with_room
from textgen_core.models.initial import branch_stddev, initial_stddev
from textgen_core.models.interface import State
from textgen_core.models.positions import LearnedPositions
from textgen_core.models.seq2seq_settings import Seq2SeqTransformerSettings
from textgen_core.models.transformer import Block, normalization


class DecoderBlock(keras.layers.Layer):
    """A block with attention to the source between its two halves."""

    def __init__(self, settings: Seq2SeqTransformerSettings, **options: Any) -> None:
        super().__init__(**options)
        policy, self.width = self.dtype_policy, settings.width
        self.block = Block(settings, settings.layers, name="block", dtype=policy)
        self.norm = normalization(settings, "norm", policy)
        self.attention = CrossAttention(
            settings.width,
            settings.heads,
            branch_stddev(settings.width, settings.layers),
            settings.key_value_heads,
            use_bias=settings.has_biases,
            name="attention",
            dtype=policy,
        )
        self.dropout = keras.layers.Dropout(settings.dropout, name="dropout", dtype=policy)

    def build(self, shape: Any) -> None:
        """Make all weights."""
        for layer in (self.block, self.norm, self.attention):
            layer.build((None, None, self.width))

    def call(self, x: Any, memory: Cache, lengths: Any, training: bool = False) -> tuple[Any, Any]:
        """The stream [n, t, width] after this block, and the weights of its attention [n, h, t, s]."""
        x, weights = self._look(self.block.attend(x, training), memory, lengths, training)
        return self.block.feed(x, training), weights

    def prefill(self, x: Any, memory: Cache, lengths: Any) -> tuple[Any, Cache]:
        """The stream that call gives, and the keys and values of its positions."""
        x, cache = self.block.attend_prefill(x)
        return self.block.feed(self._look(x, memory, lengths)[0]), cache

    def step(self, x: Any, positions: Any, cache: Cache, memory: Cache, lengths: Any) -> tuple[Any, Cache]:
        """One new position a row: x [n, 1, width] at positions [n]."""
        x, cache = self.block.attend_step(x, positions, cache)
        return self.block.feed(x + self.attention.step(self.norm(x), memory, lengths)), cache

    def _look(self, x: Any, memory: Cache, lengths: Any, training: bool = False) -> tuple[Any, Any]:
        seen, weights = self.attention(self.norm(x), memory, lengths)
        return x + self.dropout(seen, training=training), weights


class Seq2SeqTransformerModel(EncoderDecoder):
    """Its condition: each source's length [n], and for each decoder block its keys and values [n, g, s, d].

    Its state: the same, with room for capacity positions; each target's length [n] and each block's cache.
    """

    def __init__(self, settings: Seq2SeqTransformerSettings, vocab_size: int, **options: Any) -> None:
        super().__init__(name="seq2seq_transformer", **options)
        self.settings, self.vocab_size = settings, vocab_size
        policy, width = self.dtype_policy, settings.width
        stddev = initial_stddev(width)
        self.embedding = TokenEmbedding(
            vocab_size, width, stddev, settings.tied, not settings.has_biases, name="embedding", dtype=policy
        )
        self.positions: dict[str, LearnedPositions] = {}
        if settings.positions == "learned":
            self.positions = {
                side: LearnedPositions(settings.context, width, stddev, name=f"{side}_positions", dtype=policy)
                for side in ("source", "target")
            }
        depth = settings.encoder_depth
        self.encoder = [Block(settings, depth, name=f"encoder_{i}", dtype=policy) for i in range(depth)]
        self.source_norm = normalization(settings, "source_norm", policy)
        self.decoder = [DecoderBlock(settings, name=f"decoder_{i}", dtype=policy) for i in range(settings.layers)]
        self.norm = normalization(settings, "norm", policy)
        self.dropout = keras.layers.Dropout(settings.dropout, name="dropout", dtype=policy)
        self.build((None, None))

    def build(self, shape: Any) -> None:
        """Make all weights."""
        self.embedding.build()
        for positions in self.positions.values():
            positions.build()
        for layer in (*self.encoder, self.source_norm, *self.decoder, self.norm):
            layer.build((None, None, self.settings.width))
        self.built = True

    @property
    def max_context(self) -> int:
        """The context of its settings."""
        return self.settings.context

    def init_state(self, rows: int, capacity: int, condition: Any = None) -> State:
        """Empty caches, and the condition or an empty one."""
        memory = [block.attention.init_memory(rows, capacity) for block in self.decoder]
        caches = [block.block.attention.init_cache(rows, capacity) for block in self.decoder]
        none = ops.zeros((rows,), "int32")
        source = none
        if condition is not None:
            source, memory = condition["source"], with_room(memory, condition["memory"])
        return {"source": source, "memory": memory, "lengths": none, "blocks": caches}

    def encode(self, source: Any, lengths: Any, training: bool = False) -> State:
        """See the interface."""
        lengths = ops.maximum(ops.cast(lengths, "int32"), 1)
        x = self._embedded("source", source, ops.arange(source.shape[1]))
        x = self.dropout(x, training=training)
        for block in self.encoder:
            x = block.read(x, lengths, training=training)
        x = self.source_norm(x)
        return {"source": lengths, "memory": [block.attention.remember(x, x) for block in self.decoder]}

    def decode(self, tokens: Any, condition: State, training: bool = False) -> tuple[Any, Any]:
        """See EncoderDecoder; attention is the mean over heads and blocks."""
        x, looks = self._embedded("target", tokens, ops.arange(tokens.shape[1])), []
        x = self.dropout(x, training=training)
        for block, memory in zip(self.decoder, condition["memory"], strict=True):
            x, weights = block(x, memory, condition["source"], training=training)
            looks.append(ops.mean(weights, axis=1))
        return self.embedding.logits(self.norm(x)), sum(looks) / len(looks)

    def begin(self, tokens: Any, lengths: Any, condition: State, state: State) -> tuple[Any, State]:
        """See EncoderDecoder."""
        x, caches = self._embedded("target", tokens, ops.arange(tokens.shape[1])), []
        for block, memory, empty in zip(self.decoder, condition["memory"], state["blocks"], strict=True):
            x, new = block.prefill(x, memory, condition["source"])
            caches.append(filled(empty, new))
        last = ops.take_along_axis(x, (lengths - 1)[:, None, None], axis=1)
        memory = with_room(state["memory"], condition["memory"])
        after = {"source": condition["source"], "memory": memory, "lengths": lengths, "blocks": caches}
        return self.embedding.logits(self.norm(last))[:, 0], after

    def step(self, tokens: Any, state: State) -> tuple[Any, State]:
        """See the interface. A row beyond its capacity overwrites its last position."""
        caches, positions = [], ops.minimum(state["lengths"], state["blocks"][0]["k"].shape[2] - 1)
        x = self._embedded("target", tokens, positions)[:, None]
        for block, memory, cache in zip(self.decoder, state["memory"], state["blocks"], strict=True):
            x, cache = block.step(x, positions, cache, memory, state["source"])
            caches.append(cache)
        after = {**state, "lengths": state["lengths"] + 1, "blocks": caches}
        return self.embedding.logits(self.norm(x))[:, 0], after

    def _embedded(self, side: str, tokens: Any, positions: Any) -> Any:
        """Vectors [.., width] of a side's tokens [..] at positions that broadcast to [..]."""
        x = self.embedding(tokens)
        return x + self.positions[side](positions) if self.positions else x
