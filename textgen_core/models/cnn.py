"""The convolutional family: gated causal dilated convolutions in residual blocks.

Gated linear units after Dauphin et al. 2017 ("Language Modeling with Gated Convolutional Networks"), dilations that
double and begin again as in van den Oord et al. 2016 (WaveNet) and Kalchbrenner et al. 2016 (ByteNet), each block on a
normalised copy of the stream.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from textgen_core.models.convolutional import GatedConvolution
from textgen_core.models.dense import Dense
from textgen_core.models.embedding import TokenEmbedding
from textgen_core.models.interface import LanguageModel, State
from textgen_core.models.settings import CNNSettings
from textgen_core.models.shapes import CNNShape


class Block(keras.layers.Layer):
    """A convolution, gated, and added back through a projection.

    depth: blocks that write on the same stream.
    """

    def __init__(self, settings: CNNShape, dilation: int, depth: int, **options: Any) -> None:
        super().__init__(**options)
        policy, self.width = self.dtype_policy, settings.width
        self.norm = keras.layers.RMSNormalization(name="norm", dtype=policy)
        self.convolution = GatedConvolution(settings.width, settings.kernel, dilation, name="convolution", dtype=policy)
        # Branches start smaller the more there are, so that their sum keeps its size (Radford et al. 2019).
        out = keras.initializers.VarianceScaling(1 / depth)
        self.projection = Dense(settings.width, use_bias=False, kernel_initializer=out, name="projection", dtype=policy)
        self.dropout = keras.layers.Dropout(settings.dropout, name="dropout", dtype=policy)

    def build(self, shape: Any) -> None:
        """Make all weights."""
        for layer in (self.norm, self.convolution, self.projection):
            layer.build((None, None, self.width))

    def call(self, x: Any, lengths: Any, ring: Any, positions: Any, training: bool = False) -> tuple[Any, Any]:
        """The stream [n, t, width] after this block, and the ring; see GatedConvolution."""
        gated, ring = self.convolution(self.norm(x), lengths, ring, positions)
        return self._added(x, gated, training), ring

    def read(self, x: Any, lengths: Any, training: bool = False) -> Any:
        """As call, of a source's first lengths [n] positions, each of which sees both sides."""
        return self._added(x, self.convolution.read(self.norm(x), lengths), training)

    def step(self, x: Any, ring: Any, positions: Any) -> tuple[Any, Any]:
        """One position a row: x [n, width], and the ring after it."""
        gated, ring = self.convolution.step(self.norm(x), ring, positions)
        return self._added(x, gated), ring

    def _added(self, x: Any, gated: Any, training: bool = False) -> Any:
        return x + self.dropout(flat(self.projection, gated), training=training)


class CNNModel(LanguageModel):
    """Its state: how many tokens each row has read [n], and each block's ring with the inputs it looks back on.

    The rings hold all that the model ever sees; capacity plays no part, the context has no limit.
    """

    def __init__(self, settings: CNNSettings, vocab_size: int, **options: Any) -> None:
        super().__init__(name="cnn", **options)
        self.settings, self.vocab_size = settings, vocab_size
        policy, width = self.dtype_policy, settings.width
        # Shorter than an RNN's: the stream ends in a norm, and logits should begin near zero.
        self.embedding = TokenEmbedding(
            vocab_size, width, 0.5 * width**-0.5, settings.tied, name="embedding", dtype=policy
        )
        self.blocks = [
            Block(settings, dilation, settings.layers, name=f"block_{i}", dtype=policy)
            for i, dilation in enumerate(settings.dilations)
        ]
        self.norm = keras.layers.RMSNormalization(name="norm", dtype=policy)
        self.dropout = keras.layers.Dropout(settings.dropout, name="dropout", dtype=policy)
        self.build((None, None))

    def build(self, shape: Any) -> None:
        """Make all weights."""
        self.embedding.build()
        for layer in (*self.blocks, self.norm):
            layer.build((None, None, self.settings.width))
        self.built = True

    @property
    def carries_state(self) -> bool:
        """Training hands on the rings from window to window, so that each goes on exactly where the last one ended."""
        return True

    @property
    def max_context(self) -> None:
        """No limit: what is further back than its receptive field it does not see."""

    def init_state(self, rows: int, capacity: int = 0, condition: Any = None) -> State:
        """Zeros."""
        rings = [block.convolution.init_ring(rows) for block in self.blocks]
        return {"positions": ops.zeros((rows,), "int32"), "rings": rings}

    def call(self, tokens: Any, state: State | None = None, training: bool = False) -> Any:
        """See the interface."""
        rows, length = ops.shape(tokens)
        before = self.init_state(rows) if state is None else state
        x, after = self._read(tokens, ops.full((rows,), length, "int32"), before, training)
        return self._logits(x) if state is None else (self._logits(x), after)

    def prefill(self, tokens: Any, lengths: Any, state: State) -> tuple[Any, State]:
        """See the interface."""
        x, after = self._read(tokens, ops.cast(lengths, "int32"), state)
        return self._logits(ops.take_along_axis(x, (lengths - 1)[:, None, None], axis=1)[:, 0]), after

    def step(self, tokens: Any, state: State) -> tuple[Any, State]:
        """See the interface."""
        x, positions, rings = self.embedding(tokens), state["positions"], []
        for block, ring in zip(self.blocks, state["rings"], strict=True):
            x, ring = block.step(x, ring, positions)
            rings.append(ring)
        return self._logits(x), {"positions": positions + 1, "rings": rings}

    def _read(self, tokens: Any, lengths: Any, state: State, training: bool = False) -> tuple[Any, State]:
        """The stream [n, t, width] after the last block, and the state after the first lengths [n] of the tokens."""
        x, positions, rings = self.dropout(self.embedding(tokens), training=training), state["positions"], []
        for block, ring in zip(self.blocks, state["rings"], strict=True):
            x, ring = block(x, lengths, ring, positions, training=training)
            rings.append(ring)
        return x, {"positions": positions + lengths, "rings": rings}

    def _logits(self, x: Any) -> Any:
        return flat(self.embedding.logits, self.norm(x))


def flat(product: Any, x: Any) -> Any:
    """The product of x [.., d] as one of two matrices; as a batch of them TensorFlow computes it at half the speed."""
    y = product(ops.reshape(x, (-1, ops.shape(x)[-1])))
    return ops.reshape(y, (*ops.shape(x)[:-1], ops.shape(y)[-1]))
