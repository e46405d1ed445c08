"""How large a model is before anything is built: its weights and a row's state, counted from the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from textgen_core.models.settings import CNNSettings, ModelSettings, NgramSettings, RNNSettings, TransformerSettings

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


def _rnn(settings: RNNSettings, vocab_size: int) -> Size:
    units, width = settings.units, settings.embedding_width
    gates, biases, states = {"lstm": (4, 1, 2), "gru": (3, 2, 1)}[settings.cell]
    inputs = width + (settings.layers - 1) * units
    layers = gates * units * (inputs + settings.layers * (units + biases))
    projection = units * width if units != width else 0
    return Size(_tokens(vocab_size, width, settings.tied) + layers + projection, settings.layers * states * units)


def _cnn(settings: CNNSettings, vocab_size: int) -> Size:
    width, taps = settings.width, settings.kernel
    block = width + (taps * width + 1) * 2 * width + width * width
    parameters = _tokens(vocab_size, width, settings.tied) + settings.layers * block + width
    return Size(parameters, 1 + (settings.receptive_field - 1) * width)


def _transformer(settings: TransformerSettings, vocab_size: int) -> Size:
    width, inner = settings.width, settings.feed_forward_width
    heads = settings.key_value_heads or settings.heads
    shared = 2 * heads * (width // settings.heads)
    parts = {"swiglu": 2, "gelu": 1}[settings.activation]
    outputs = width + shared + width + parts * inner + width
    norm = 2 * width if settings.norm == "layer" and settings.has_biases else width
    block = 2 * norm + width * (width + shared + width + parts * inner) + inner * width
    block += outputs if settings.has_biases else 0
    places = settings.context * width if settings.positions == "learned" else 0
    tokens = _tokens(vocab_size, width, settings.tied, bias=not settings.has_biases)
    return Size(tokens + places + settings.layers * block + norm, 1, settings.layers * shared)


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
}
"""By family. The contract of models holds each to the model that is built."""
