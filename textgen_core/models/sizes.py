"""How large a model is before anything is built: its weights and a row's state, counted from the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from textgen_core.models.seq2seq_settings import Seq2SeqCNNSettings, Seq2SeqRNNSettings, Seq2SeqTransformerSettings
from textgen_core.models.settings import CNNSettings, ModelSettings, NgramSettings, RNNSettings, TransformerSettings
from textgen_core.models.shapes import CNNShape, TransformerShape, are_tied

BYTES = 4
"""Of a number: weights are float32 everywhere, states on a CPU; the few whole numbers are int32."""
LEARNING = 4
"""Numbers that training keeps for each weight: itself, its gradient and AdamW's two moments, of which Muon has one."""


class Size(NamedTuple):
    """Numbers that a model consists of, and of those that it keeps for each row while it decodes."""

    parameters: int | None
    """Weights; None where they follow from data."""
    row: int
    """Of a row's state, whatever it reads."""
    position: int = 0
    """Of a row's state for each position it has room for, besides; of a pair, for one on either side."""

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


def _rnn(settings: RNNSettings, vocab_size: int) -> Size:
    units, width = settings.units, settings.embedding_width
    layers = _cells(settings.cell, width, units) + (settings.layers - 1) * _cells(settings.cell, units, units)
    projection = units * width if units != width else 0
    state = settings.layers * _STATES[settings.cell] * units
    return Size(_tokens(vocab_size, width, settings.tied) + layers + projection, state)


def _cnn(settings: CNNSettings, vocab_size: int) -> Size:
    width = settings.width
    parameters = _tokens(vocab_size, width, settings.tied) + settings.layers * _cnn_block(settings) + width
    return Size(parameters, 1 + _rings(settings))


def _transformer(settings: TransformerSettings, vocab_size: int) -> Size:
    parameters = _ends(settings, vocab_size, sides=1) + settings.layers * _transformer_block(settings)
    return Size(parameters, 1, settings.layers * _cached(settings))


def _ngram(settings: NgramSettings, vocab_size: int) -> Size:
    return Size(None, max(1, settings.order - 1))


def _seq2seq_rnn(settings: Seq2SeqRNNSettings, vocab_size: int) -> Size:
    units, states = settings.units, _STATES[settings.cell]
    ahead, back = units - units // 2, units // 2
    layer = sum(_cells(settings.cell, units, own) for own in (ahead, back, units))
    bridge = (units + 1) * states * units
    attention = {"none": 0, "dot": 3 * units**2, "additive": 4 * units**2 + units}[settings.attention]
    parameters = _tokens(vocab_size, units, settings.tied) + settings.layers * (layer + bridge) + attention
    return Size(parameters, 1 + settings.layers * states * units, 2 * units if attention else 0)


def _seq2seq_cnn(settings: Seq2SeqCNNSettings, vocab_size: int) -> Size:
    width, block = settings.width, _cnn_block(settings)
    ends = _tokens(vocab_size, width, settings.tied) + 2 * settings.context * width + 2 * width
    looking = width + 4 * width**2
    parameters = ends + settings.encoder_depth * block + settings.layers * (block + looking)
    return Size(parameters, 2 + _rings(settings), settings.layers * 2 * width)


def _seq2seq_transformer(settings: Seq2SeqTransformerSettings, vocab_size: int) -> Size:
    width, block, cached = settings.width, _transformer_block(settings), _cached(settings)
    looking = _norm(settings) + _dense(settings, width, 2 * width + cached)  # query and output; keys and values
    parameters = _ends(settings, vocab_size, sides=2) + settings.encoder_depth * block
    return Size(parameters + settings.layers * (block + looking), 2, settings.layers * 2 * cached)


def _tokens(vocab_size: int, width: int, tied: bool | None, bias: bool = True) -> int:
    """Weights of embedding and output."""
    return vocab_size * (width * (1 if are_tied(tied, vocab_size) else 2) + bias)


_STATES = {"lstm": 2, "gru": 1}


def _cells(cell: str, inputs: int, units: int) -> int:
    """Weights of a recurrent layer: of each gate the input's, the state's and one bias or two."""
    gates, biases = {"lstm": (4, 1), "gru": (3, 2)}[cell]
    return gates * units * (inputs + units + biases)


def _cnn_block(settings: CNNShape) -> int:
    """Weights of norm, convolution and projection."""
    width = settings.width
    return width + (settings.kernel * width + 1) * 2 * width + width**2


def _rings(settings: CNNShape) -> int:
    return (settings.kernel - 1) * sum(settings.dilations) * settings.width


def _ends(settings: TransformerShape, vocab_size: int, sides: int) -> int:
    """Weights of embedding and output, and on each side of positions and of the last norm."""
    width = settings.width
    places = settings.context * width if settings.positions == "learned" else 0
    tokens = _tokens(vocab_size, width, settings.tied, bias=not settings.has_biases)
    return tokens + sides * (places + _norm(settings))


def _transformer_block(settings: TransformerShape) -> int:
    """Weights of attention and feed-forward, and of the norm before each."""
    width, inner = settings.width, settings.feed_forward_width
    parts = {"swiglu": 2, "gelu": 1}[settings.activation]
    into = _dense(settings, width, width + _cached(settings) + width + parts * inner)
    return 2 * _norm(settings) + into + _dense(settings, inner, width)


def _dense(settings: TransformerShape, inputs: int, outputs: int) -> int:
    return (inputs + settings.has_biases) * outputs


def _norm(settings: TransformerShape) -> int:
    return settings.width * (2 if settings.norm == "layer" and settings.has_biases else 1)


def _cached(settings: TransformerShape) -> int:
    """A position's keys and values in one block."""
    return 2 * (settings.key_value_heads or settings.heads) * (settings.width // settings.heads)


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
