"""How large a model is before anything is built: its weights and a row's state, counted from the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from textgen_core.models.seq2seq_settings import Seq2SeqCNNSettings, Seq2SeqRNNSettings, Seq2SeqTransformerSettings
from textgen_core.models.settings import CNNSettings, ModelSettings, NgramSettings, RNNSettings, TransformerSettings
from textgen_core.models.shapes import CNNShape, TransformerShape

BYTES = 4
"""Of a number: weights are float32 everywhere, states on a CPU; the few whole numbers are int32."""
LEARNING = 4
"""Numbers that training keeps for each weight: itself, its gradient and AdamW's two moments."""


class Size(NamedTuple):
    """Numbers that a model consists of, and of those that it keeps for each row while it decodes."""

    parameters: int | None
    """Weights; None where they follow from data."""
    row: int
    """Of a row's state, whatever it reads."""
    position: int = 0
    """Of a row's state for each position it has room for, besides."""

    @property
    def weight_bytes(self) -> int | None:
        """What the weights take."""
        return None if self.parameters is None else BYTES * self.parameters

    @property
    def training_bytes(self) -> int | None:
        """What weights, gradients and the optimizer take; what is kept of a batch comes on top."""
        return None if self.parameters is None else BYTES * LEARNING * self.parameters

    def state_bytes(self, positions: int) -> int:
        """What the state of one row with room for so many positions takes."""
        return BYTES * (self.row + self.position * positions)


def size_of(settings: ModelSettings, vocab_size: int) -> Size:
    """The size of the model that ``build_model`` would make."""
    return SIZES[settings.family](settings, vocab_size)


GATES = {"lstm": (4, 1, 2), "gru": (3, 2, 1)}
"""Of a cell: gates, biases of each, and states."""


def _rnn(settings: RNNSettings, vocab_size: int) -> Size:
    units, width = settings.units, settings.embedding_width
    layers = _recurrent(settings.cell, width, units)
    layers += (settings.layers - 1) * _recurrent(settings.cell, units, units)
    projection = units * width if units != width else 0
    states = GATES[settings.cell][2]
    return Size(_tokens(vocab_size, width, settings.tied) + layers + projection, settings.layers * states * units)


def _seq2seq_rnn(settings: Seq2SeqRNNSettings, vocab_size: int) -> Size:
    units, cell, states = settings.units, settings.cell, GATES[settings.cell][2]
    ahead, back = (_recurrent(cell, units, own) for own in (units - units // 2, units // 2))
    bridge = states * units * (units + 1)
    layers = settings.layers * (ahead + back + bridge + _recurrent(cell, units, units))
    attention = {"none": 0, "dot": 3 * units**2, "additive": 4 * units**2 + units}[settings.attention]
    memory = 0 if settings.attention == "none" else 2 * units
    parameters = _tokens(vocab_size, units, settings.tied) + layers + attention
    return Size(parameters, 1 + settings.layers * states * units, memory)


def _recurrent(cell: str, inputs: int, units: int) -> int:
    """Weights of one recurrent layer."""
    gates, biases, _ = GATES[cell]
    return gates * units * (inputs + units + biases)


def _cnn(settings: CNNSettings, vocab_size: int) -> Size:
    width = settings.width
    parameters = _tokens(vocab_size, width, settings.tied) + settings.layers * _convolution(settings) + width
    return Size(parameters, 1 + (settings.receptive_field - 1) * width)


def _seq2seq_cnn(settings: Seq2SeqCNNSettings, vocab_size: int) -> Size:
    width = settings.width
    blocks = (settings.encoder_depth + settings.layers) * _convolution(settings)
    attention = settings.layers * (width + 4 * width**2)
    parameters = _tokens(vocab_size, width, settings.tied) + blocks + attention + 2 * (settings.context + 1) * width
    rings = (settings.kernel - 1) * sum(settings.dilations) * width
    return Size(parameters, 2 + rings, 2 * settings.layers * width)


def _convolution(settings: CNNShape) -> int:
    """Weights of one block: norm, convolution, projection."""
    width, taps = settings.width, settings.kernel
    return width + (taps * width + 1) * 2 * width + width * width


def _transformer(settings: TransformerSettings, vocab_size: int) -> Size:
    blocks = settings.layers * _block(settings) + _norm(settings)
    places = settings.context * settings.width if settings.positions == "learned" else 0
    tokens = _tokens(vocab_size, settings.width, settings.tied, bias=not settings.has_biases)
    return Size(tokens + places + blocks, 1, settings.layers * _shared(settings))


def _seq2seq_transformer(settings: Seq2SeqTransformerSettings, vocab_size: int) -> Size:
    attention = _norm(settings) + _attention(settings)
    blocks = (settings.encoder_depth + settings.layers) * _block(settings) + settings.layers * attention
    places = 2 * settings.context * settings.width if settings.positions == "learned" else 0
    tokens = _tokens(vocab_size, settings.width, settings.tied, bias=not settings.has_biases)
    return Size(tokens + places + blocks + 2 * _norm(settings), 2, 2 * settings.layers * _shared(settings))


def _block(settings: TransformerShape) -> int:
    """Weights of one block: attention, feed-forward, the norms before them."""
    width, inner = settings.width, settings.feed_forward_width
    parts = {"swiglu": 2, "gelu": 1}[settings.activation]
    feed_forward = (parts + 1) * width * inner + (parts * inner + width if settings.has_biases else 0)
    return 2 * _norm(settings) + _attention(settings) + feed_forward


def _attention(settings: TransformerShape) -> int:
    """Weights of queries, keys, values and the merge."""
    outputs = 2 * settings.width + _shared(settings)
    return settings.width * outputs + (outputs if settings.has_biases else 0)


def _shared(settings: TransformerShape) -> int:
    """Width of keys and values together."""
    return 2 * (settings.key_value_heads or settings.heads) * (settings.width // settings.heads)


def _norm(settings: TransformerShape) -> int:
    return 2 * settings.width if settings.norm == "layer" and settings.has_biases else settings.width


def _ngram(settings: NgramSettings, vocab_size: int) -> Size:
    return Size(None, max(1, settings.order - 1))


def _tokens(vocab_size: int, width: int, tied: bool, bias: bool = True) -> int:
    """Weights of embedding and output."""
    return vocab_size * (width * (1 if tied else 2) + bias)


SIZES: dict[str, Callable[[Any, int], Size]] = {
    "rnn": _rnn,
    "cnn": _cnn,
    "transformer": _transformer,
    "ngram": _ngram,
    "seq2seq-rnn": _seq2seq_rnn,
    "seq2seq-cnn": _seq2seq_cnn,
    "seq2seq-transformer": _seq2seq_transformer,
}
"""By family. The contract of models holds each to the model that is built."""
