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

    locked_dropout: bool = False
    """Drop the same activations at all positions of a window (Gal & Ghahramani 2016) instead of others at each."""

    weight_dropout: Share = 0.0
    """Share of the recurrent matrices' weights dropped while training, the same ones for a whole window (Merity et al.
    2018); 0.5 for words where text is scarce. 0: what is read a few times only is not learnt by heart."""

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
    """A decoder-only Transformer. The defaults are today's usual form; norm layer, positions learned, activation gelu
    and biases layers make it a GPT-2."""

    family: Literal["transformer"] = "transformer"
    """The family's name."""

    layers: Layers = 4
    """Blocks of attention and feed-forward."""

    width: Width = 128
    """Width of the residual stream. Must be a multiple of the heads, with rotary positions of twice the heads."""

    heads: Annotated[int, Field(ge=1, le=256)] = 4
    """Attention heads. 32 to 128 dimensions a head work well."""

    key_value_heads: Annotated[int, Field(ge=1, le=256)] | None = None
    """Heads of keys and values, each shared by as many of queries (Ainslie et al. 2023): half of them take half the
    memory while text is generated. None: as many as heads, which learns a little better."""

    context: Annotated[int, Field(ge=2, le=1_048_576)] = 256
    """Positions the model can look back on: the limit of prompt and continuation together."""

    feed_forward: Width | None = None
    """Inner width of each block's feed-forward. None: with gelu 4 times the width; with swiglu, which has a third
    matrix, as many weights: 8/3 of the width, rounded up to a multiple of 32."""

    norm: Literal["rms", "layer"] = "rms"
    """rms (RMSNorm, Zhang & Sennrich 2019) or layer (LayerNorm, Ba et al. 2016), which also takes the mean away. rms
    learns as well and computes less."""

    positions: Literal["rotary", "learned"] = "rotary"
    """rotary turns queries and keys (Su et al. 2021); learned adds a vector a position, as GPT-2. rotary needs no
    weights and learns faster."""

    activation: Literal["swiglu", "gelu"] = "swiglu"
    """Of the feed-forward: swiglu (Shazeer 2020) or gelu (Hendrycks & Gimpel 2016, by tanh), as GPT-2."""

    biases: Literal["output", "layers"] = "output"
    """Where there are biases: at the output, one a token, so that frequencies need not be learned otherwise; or in all
    layers but the output, as GPT-2."""

    tied: bool = True
    """Input and output share one embedding matrix (Press & Wolf 2017)."""

    dropout: Share = 0.0
    """Share of activations dropped after the embedding and on each residual branch while training."""

    @property
    def label(self) -> str:
        """The architecture in a few words."""
        return f"Transformer, {self.layers} x {self.width}, context {self.context}"

    @property
    def feed_forward_width(self) -> int:
        """The inner width of the feed-forward."""
        usual = 4 * self.width if self.activation == "gelu" else -(-8 * self.width // (3 * 32)) * 32
        return self.feed_forward or usual

    @property
    def has_biases(self) -> bool:
        """Whether norms and projections have biases; the output has them where they don't."""
        return self.biases == "layers"

    @model_validator(mode="after")
    def _heads_divide(self) -> TransformerSettings:
        times = 2 if self.positions == "rotary" else 1
        if self.width % (times * self.heads):
            twice = ", twice the heads" if times == 2 else ", the heads"
            raise ValueError(f"width ({self.width}) must be a multiple of {times * self.heads}{twice}")
        if self.heads % (self.key_value_heads or self.heads):
            raise ValueError(f"key_value_heads ({self.key_value_heads}) must divide heads ({self.heads})")
        return self


class CNNSettings(Settings):
    """Residual blocks of gated causal convolutions. Reads any length in constant memory, and sees a fixed stretch."""

    family: Literal["cnn"] = "cnn"
    """The family's name."""

    layers: Layers = 8
    """Blocks of one convolution each."""

    width: Width = 128
    """Width of the residual stream."""

    kernel: Annotated[int, Field(ge=2, le=64)] = 3
    """Taps of each convolution. More of them cost as many weights and as much time as more blocks."""

    dilation_cycle: Annotated[int, Field(ge=1, le=16)] = 4
    """Blocks over which the distance between taps doubles, from 1 on, before it begins again. 1: it is always 1."""

    dropout: Share = 0.0
    """Share of activations dropped after the embedding and on each residual branch while training."""

    tied: bool = True
    """Input and output share one embedding matrix (Press & Wolf 2017)."""

    @property
    def label(self) -> str:
        """The architecture in a few words."""
        return f"CNN, {self.layers} x {self.width}, sees {self.receptive_field} tokens"

    @property
    def dilations(self) -> list[int]:
        """Of each block: the distance between its taps."""
        return [1 << block % self.dilation_cycle for block in range(self.layers)]

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


ModelSettings = Annotated[
    RNNSettings | CNNSettings | TransformerSettings | NgramSettings, Field(discriminator="family")
]


class Architecture(Settings):
    """The content of a model directory's config.json."""

    format: Literal[1] = 1
    """Raised when weights of older models can no longer be read."""

    vocab_size: Annotated[int, Field(ge=2)]
    """Token ids run from 0 to vocab_size - 1."""

    model: ModelSettings
    """The architecture."""
