"""The convolutional encoder-decoder: gated convolutions on both sides, and attention after each block of the decoder.

Gehring et al. 2017, in the residual blocks of our convolutional family: keys are what the encoder gave, values that and
the source's own vectors; a query is the stream and the target's own vectors.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from textgen_core.models.attention import Cache
from textgen_core.models.cnn import Block, flat
from textgen_core.models.cross_attention import CrossAttention
from textgen_core.models.embedding import TokenEmbedding
from textgen_core.models.encoder_decoder import EncoderDecoder, with_room
from textgen_core.models.interface import State
from textgen_core.models.positions import LearnedPositions
from textgen_core.models.seq2seq_settings import Seq2SeqCNNSettings


class DecoderBlock(keras.layers.Layer):
    """A causal convolution, then attention to the source by one head."""

    def __init__(self, settings: Seq2SeqCNNSettings, dilation: int, **options: Any) -> None:
        super().__init__(**options)
        policy, self.width = self.dtype_policy, settings.width
        self.block = Block(settings, dilation, settings.layers, name="block", dtype=policy)
        self.norm = keras.layers.RMSNormalization(name="norm", dtype=policy)
        stddev = (settings.width * settings.layers) ** -0.5  # the convolution's branches start as small
        self.attention = CrossAttention(settings.width, 1, stddev, name="attention", dtype=policy)
        self.dropout = keras.layers.Dropout(settings.dropout, name="dropout", dtype=policy)

    def build(self, shape: Any) -> None:
        """Make all weights."""
        for layer in (self.block, self.norm, self.attention):
            layer.build((None, None, self.width))

    def call(
        self, x: Any, own: Any, lengths: Any, ring: Any, memory: Cache, source: Any, training: bool = False
    ) -> tuple[Any, Any, Any]:
        """The stream [n, t, width] after this block, the ring after lengths [n], and the attention [n, t, s].

        own: the vectors [n, t, width] with which the stream began. source: the sources' lengths [n].
        """
        x, ring = self.block(x, lengths, ring, ops.zeros_like(lengths), training=training)
        seen, weights = self.attention(self.norm(x) + own, memory, source)
        return x + self.dropout(seen, training=training), ring, weights[:, 0]

    def step(self, x: Any, own: Any, positions: Any, ring: Any, memory: Cache, source: Any) -> tuple[Any, Any]:
        """One position a row: x and own [n, width], the inputs with the numbers positions [n], and the ring."""
        x, ring = self.block.step(x, ring, positions)
        return x + self.attention.step((self.norm(x) + own)[:, None], memory, source)[:, 0], ring


class Seq2SeqCNNModel(EncoderDecoder):
    """Its condition: each source's length [n], and for each decoder block its keys and values [n, 1, s, width].

    Its state: the same, with room for capacity positions; how many tokens of each target were read [n], and the rings.
    """

    def __init__(self, settings: Seq2SeqCNNSettings, vocab_size: int, **options: Any) -> None:
        super().__init__(name="seq2seq_cnn", **options)
        self.settings, self.vocab_size = settings, vocab_size
        policy, width = self.dtype_policy, settings.width
        stddev = 0.5 * width**-0.5  # as the convolutional family's
        self.embedding = TokenEmbedding(vocab_size, width, stddev, settings.tied, name="embedding", dtype=policy)
        self.source_positions, self.target_positions = (
            LearnedPositions(settings.context, width, stddev, name=f"{side}_positions", dtype=policy)
            for side in ("source", "target")
        )
        self.encoder = [
            Block(settings, dilation, settings.encoder_depth, name=f"encoder_{i}", dtype=policy)
            for i, dilation in enumerate(settings.encoder_dilations)
        ]
        self.source_norm = keras.layers.RMSNormalization(name="source_norm", dtype=policy)
        self.decoder = [
            DecoderBlock(settings, dilation, name=f"decoder_{i}", dtype=policy)
            for i, dilation in enumerate(settings.dilations)
        ]
        self.norm = keras.layers.RMSNormalization(name="norm", dtype=policy)
        self.dropout = keras.layers.Dropout(settings.dropout, name="dropout", dtype=policy)
        self.build((None, None))

    def build(self, shape: Any) -> None:
        """Make all weights."""
        for layer in (self.embedding, self.source_positions, self.target_positions):
            layer.build()
        for layer in (*self.encoder, self.source_norm, *self.decoder, self.norm):
            layer.build((None, None, self.settings.width))
        self.built = True

    @property
    def max_context(self) -> int:
        """The context of its settings."""
        return self.settings.context

    def init_state(self, rows: int, capacity: int, condition: Any = None) -> State:
        """Zeros, and the condition or an empty one."""
        memory = [block.attention.init_memory(rows, capacity) for block in self.decoder]
        source = positions = ops.zeros((rows,), "int32")
        if condition is not None:
            source, memory = condition["source"], with_room(memory, condition["memory"])
        return {"source": source, "memory": memory, "positions": positions, "rings": self._rings(rows)}

    def encode(self, source: Any, lengths: Any, training: bool = False) -> State:
        """See the interface."""
        lengths = ops.maximum(ops.cast(lengths, "int32"), 1)
        own = self.embedding(source) + self.source_positions(ops.arange(source.shape[1]))
        x, own = _copies(self.dropout(own, training=training), 2)
        for block in self.encoder:
            x = block.read(x, lengths, training=training)
        x = self.source_norm(x)
        values = x + own
        return {"source": lengths, "memory": [block.attention.remember(x, values) for block in self.decoder]}

    def decode(self, tokens: Any, condition: State, training: bool = False) -> tuple[Any, Any]:
        """See EncoderDecoder; attention is the mean over blocks."""
        rows, length = ops.shape(tokens)
        x, _, looks = self._write(tokens, ops.full((rows,), length, "int32"), condition, training)
        return self._logits(x), sum(looks) / len(looks)

    def begin(self, tokens: Any, lengths: Any, condition: State, state: State) -> tuple[Any, State]:
        """See EncoderDecoder."""
        x, rings, _ = self._write(tokens, lengths, condition)
        last = ops.take_along_axis(x, (lengths - 1)[:, None, None], axis=1)[:, 0]
        memory = with_room(state["memory"], condition["memory"])
        return self._logits(last), {
            "source": condition["source"],
            "memory": memory,
            "positions": lengths,
            "rings": rings,
        }

    def step(self, tokens: Any, state: State) -> tuple[Any, State]:
        """See the interface."""
        positions, rings = state["positions"], []
        own = x = self.embedding(tokens) + self.target_positions(positions)
        for block, ring, memory in zip(self.decoder, state["rings"], state["memory"], strict=True):
            x, ring = block.step(x, own, positions, ring, memory, state["source"])
            rings.append(ring)
        return self._logits(x), {**state, "positions": positions + 1, "rings": rings}

    def _write(self, tokens: Any, lengths: Any, condition: State, training: bool = False) -> tuple[Any, Any, Any]:
        """The stream [n, t, width] after the last block; each block's ring after lengths [n], and its attention."""
        own = self.embedding(tokens) + self.target_positions(ops.arange(tokens.shape[1]))
        x = self.dropout(own, training=training)
        copies = _copies(x, len(self.decoder))
        rings, looks = [], []
        for block, own, ring, memory in zip(
            self.decoder, copies, self._rings(ops.shape(tokens)[0]), condition["memory"], strict=True
        ):
            x, ring, weights = block(x, own, lengths, ring, memory, condition["source"], training=training)
            rings.append(ring)
            looks.append(weights)
        return x, rings, looks

    def _rings(self, rows: int) -> list[Any]:
        return [block.block.convolution.init_ring(rows) for block in self.decoder]

    def _logits(self, x: Any) -> Any:
        return flat(self.embedding.logits, self.norm(x))


def _copies(x: Any, count: int) -> list[Any]:
    """So many copies of a tensor, whose gradients are added up by one sum over all of them.

    TensorFlow's AddN begins with the first of its inputs whose buffer nobody else needs any more. Of a tensor that many
    use, and whose gradients others use too, that hangs on time: the same training would end with other bits.
    """
    copies: list[Any] = ops.unstack(ops.broadcast_to(x, (count, *ops.shape(x))), count)
    return copies
