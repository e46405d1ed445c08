"""What each encoder-decoder can be told. No Keras here, as in ``settings``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from textgen_core.models.shapes import WIDEST, CNNShape, Context, Layers, RNNShape, TransformerShape
from textgen_core.settings import Settings


class Seq2SeqRNNSettings(RNNShape):
    """A recurrent encoder-decoder, for pairs of a source and a target. The source is read in both directions."""

    family: Literal["seq2seq-rnn"] = "seq2seq-rnn"
    """The family's name."""

    attention: Literal["additive", "dot", "none"] = "dot"
    """How a target position looks at the source: dot (Luong et al. 2015); additive (Bahdanau et al. 2015), which has a
    hidden layer for each pair of positions: with 128 on either side a step takes 3.5 times as long; or none (Sutskever
    et al. 2014), which leaves it one vector to remember. Scores are as in these papers; but either looks with the
    first layer's outputs, and what it finds goes to the layers above and the prediction, never into that layer's next
    state, so that a target is learned in one scan a layer."""

    layers: Layers = 1
    """Recurrent layers of the encoder, and of the decoder."""

    units: Annotated[int, Field(ge=2, le=WIDEST)] = 256
    """Width of token vectors and of each layer's state; in the encoder half of it for each direction."""

    @property
    def label(self) -> str:
        """The architecture in a few words."""
        attention = "no attention" if self.attention == "none" else f"{self.attention} attention"
        return f"{self.cell.upper()} encoder-decoder, {self.layers} x {self.units}, {attention}"


class Seq2SeqCNNSettings(CNNShape):
    """A convolutional encoder-decoder (Gehring et al. 2017), for pairs of a source and a target: the decoder attends to
    the source after each block."""

    family: Literal["seq2seq-cnn"] = "seq2seq-cnn"
    """The family's name."""

    layers: Layers = 4
    """Blocks of the decoder: a convolution, then attention to the source."""

    encoder_layers: Layers | None = None
    """Blocks of the encoder. None: as many as the decoder has."""

    context: Context = 512
    """Positions that have a vector of their own: the limit of source and target together."""

    @property
    def label(self) -> str:
        """The architecture in a few words."""
        return f"CNN encoder-decoder, {self.encoder_depth} + {self.layers} x {self.width}"

    @property
    def reach(self) -> str:
        """How far it sees, as the model card says it."""
        return f"It sees {self.context:,} tokens, prompt and continuation together."

    @property
    def encoder_depth(self) -> int:
        """Blocks of the encoder."""
        return self.encoder_layers or self.layers

    @property
    def encoder_dilations(self) -> list[int]:
        """Of each block of the encoder: the distance between its taps."""
        return [1 << block % self.dilation_cycle for block in range(self.encoder_depth)]


class Seq2SeqTransformerSettings(TransformerShape):
    """An encoder-decoder of Transformer blocks (Vaswani et al. 2017), for pairs of a source and a target."""

    family: Literal["seq2seq-transformer"] = "seq2seq-transformer"
    """The family's name."""

    positions: Literal["rotary", "learned"] = "rotary"
    """rotary turns queries and keys of either side by themselves (Su et al. 2021), and learns text much faster; learned
    adds a vector a position, so that a target can look for a place of its source, as it must to turn a text around."""

    encoder_layers: Layers | None = None
    """Blocks of the encoder. None: as many as the decoder has."""

    @property
    def label(self) -> str:
        """The architecture in a few words."""
        return f"Transformer encoder-decoder, {self.encoder_depth} + {self.layers} x {self.width}{self.position_label}"

    @property
    def encoder_depth(self) -> int:
        """Blocks of the encoder."""
        return self.encoder_layers or self.layers


EncoderDecoderSettings = Seq2SeqRNNSettings | Seq2SeqCNNSettings | Seq2SeqTransformerSettings
"""What learns from pairs alone."""


def attends(model: Settings) -> bool:
    """Whether a model is an encoder-decoder whose decoder looks at the source."""
    return isinstance(model, EncoderDecoderSettings) and getattr(model, "attention", None) != "none"
