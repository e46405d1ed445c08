"""What each family can be told. No Keras here: settings are read long before a model is built."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from textgen_core.models.seq2seq_settings import EncoderDecoderSettings
from textgen_core.models.shapes import CNNShape, RNNShape, Share, TransformerShape, Width
from textgen_core.settings import Settings


class RNNSettings(RNNShape):
    """A stack of recurrent layers. Reads any length in constant memory; the best choice for small CPUs."""

    family: Literal["rnn"] = "rnn"
    """The family's name."""

    units: Width = 256
    """Width of each layer's state."""

    embedding: Width | None = None
    """Width of token vectors. None: as wide as the state, so that input and output can share one matrix."""

    input_dropout: Share | None = None
    """Share dropped before the first layer instead, of each token by itself: the better way where a text is read
    often, say 16 times, the worse one where it is read four times. None: the same as elsewhere."""

    locked_dropout: bool = False
    """Drop the same activations at all positions of a window (Gal & Ghahramani 2016) instead of others at each."""

    weight_dropout: Share = 0.0
    """Share of the recurrent matrices' weights dropped while training, the same ones for a whole window (Merity et al.
    2018); 0.5 for words where text is scarce. 0: what is read a few times only is not learnt by heart."""

    @property
    def label(self) -> str:
        """The architecture in a few words."""
        return f"{self.cell.upper()}, {self.layers} x {self.units}"

    @property
    def embedding_width(self) -> int:
        """The width of token vectors."""
        return self.embedding or self.units


class TransformerSettings(TransformerShape):
    """A decoder-only Transformer. The defaults are today's usual form; norm layer, positions learned, activation gelu
    and biases layers make it a GPT-2."""

    family: Literal["transformer"] = "transformer"
    """The family's name."""

    @property
    def label(self) -> str:
        """The architecture in a few words."""
        return f"Transformer, {self.layers} x {self.width}, context {self.context}{self.position_label}"


class CNNSettings(CNNShape):
    """Residual blocks of gated causal convolutions. Reads any length in constant memory, and sees a fixed stretch."""

    family: Literal["cnn"] = "cnn"
    """The family's name."""

    @property
    def label(self) -> str:
        """The architecture in a few words."""
        return f"CNN, {self.layers} x {self.width}, sees {self.receptive_field} tokens"

    @property
    def reach(self) -> str:
        """How far it sees, as the model card says it."""
        return f"It sees the last {self.receptive_field:,} tokens."

    @property
    def receptive_field(self) -> int:
        """Tokens that a prediction can depend on."""
        return 1 + (self.kernel - 1) * sum(self.dilations)


class NgramSettings(Settings):
    """Interpolated Kneser-Ney n-grams (Chen & Goodman 1999): counted in seconds, the baseline for all that learn."""

    family: Literal["ngram"] = "ngram"
    """The family's name."""

    order: Annotated[int, Field(ge=1, le=16)] = 5
    """Tokens of the longest n-gram, the predicted one included. 5 for words, 6 to 8 for characters; more only takes
    more memory, since long contexts hardly come twice."""

    @property
    def label(self) -> str:
        """The architecture in a few words."""
        return f"{self.order}-gram, Kneser-Ney"

    @property
    def reach(self) -> str:
        """How far it sees, as the model card says it."""
        return f"It sees the last {self.order - 1:,} tokens."


ModelSettings = Annotated[
    RNNSettings | CNNSettings | TransformerSettings | NgramSettings | EncoderDecoderSettings,
    Field(discriminator="family"),
]


class Architecture(Settings):
    """The content of a model directory's config.json."""

    format: Literal[1] = 1
    """Raised when weights of older models can no longer be read."""

    vocab_size: Annotated[int, Field(ge=2)]
    """Token ids run from 0 to vocab_size - 1."""

    model: ModelSettings
    """The architecture."""

    pairs: bool = False
    """Whether it learned from pairs of a source and a target."""
