"""What each family can be told. No Keras here: settings are read long before a model is built."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from textgen_core.settings import Settings

Layers = Annotated[int, Field(ge=1, le=64)]
Width = Annotated[int, Field(ge=1, le=16_384)]
Share = Annotated[float, Field(ge=0.0, lt=1.0)]


class RNNSettings(Settings):
    """A stack of recurrent layers. Reads any length in constant memory; the best choice for small CPUs."""

    family: Literal["rnn"] = "rnn"
    """The family's name."""

    cell: Literal["lstm", "gru"] = "lstm"
    """lstm (Hochreiter & Schmidhuber 1997) or gru (Cho et al. 2014), which has a quarter fewer weights."""

    layers: Layers = 1
    """Recurrent layers. One is the fastest to a given loss on small corpora; two or three pay on large ones."""

    units: Width = 256
    """Width of each layer's state."""

    embedding: Width | None = None
    """Width of token vectors. None: as wide as the state, so that input and output can share one matrix."""

    dropout: Share = 0.0
    """Share of activations dropped before, between and after the layers while training."""

    tied: bool = True
    """Input and output share one embedding matrix (Press & Wolf 2017), through a projection where widths differ."""

    @property
    def label(self) -> str:
        """The architecture in a few words."""
        return f"{self.cell.upper()}, {self.layers} x {self.units}"

    @property
    def embedding_width(self) -> int:
        """The width of token vectors."""
        return self.embedding or self.units


class TransformerSettings(Settings):
    """A decoder-only Transformer: pre-norm RMSNorm, rotary positions, SwiGLU, tied embeddings."""

    family: Literal["transformer"] = "transformer"
    """The family's name."""

    layers: Layers = 4
    """Blocks of attention and feed-forward."""

    width: Width = 128
    """Width of the residual stream. Must be a multiple of twice the heads."""

    heads: Annotated[int, Field(ge=1, le=256)] = 4
    """Attention heads. 32 to 128 dimensions a head work well."""

    context: Annotated[int, Field(ge=2, le=1_048_576)] = 256
    """Positions the model can look back on: the limit of prompt and continuation together."""

    feed_forward: Width | None = None
    """Inner width of SwiGLU. None: 8/3 of width, as many weights as a plain 4x layer, rounded up to multiples of 32."""

    dropout: Share = 0.0
    """Share of activations dropped after the embedding and on each residual branch while training."""

    @property
    def label(self) -> str:
        """The architecture in a few words."""
        return f"Transformer, {self.layers} x {self.width}, context {self.context}"

    @property
    def feed_forward_width(self) -> int:
        """The inner width of SwiGLU."""
        return self.feed_forward or -(-8 * self.width // (3 * 32)) * 32

    @model_validator(mode="after")
    def _heads_divide_width(self) -> TransformerSettings:
        if self.width % (2 * self.heads):
            raise ValueError(f"width ({self.width}) must be a multiple of {2 * self.heads}, twice the heads")
        return self


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


ModelSettings = Annotated[RNNSettings | TransformerSettings | NgramSettings, Field(discriminator="family")]


class Architecture(Settings):
    """The content of a model directory's config.json."""

    format: Literal[1] = 1
    """Raised when weights of older models can no longer be read."""

    vocab_size: Annotated[int, Field(ge=2)]
    """Token ids run from 0 to vocab_size - 1."""

    model: ModelSettings
    """The architecture."""
