"""What a family has in common with its encoder-decoder: settings that both inherit. No Keras here."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from textgen_core.settings import Settings

Layers = Annotated[int, Field(ge=1, le=64)]
WIDEST = 16_384
"""Of any layer: one square matrix of it takes a gigabyte."""
Width = Annotated[int, Field(ge=1, le=WIDEST)]
Share = Annotated[float, Field(ge=0.0, lt=1.0)]
Context = Annotated[int, Field(ge=2, le=1_048_576)]
FEW = 512
"""Kinds of token that are computed with as one matrix: bytes and most alphabets are, and a batch has more tokens."""


def are_tied(tied: bool | None, vocab_size: int) -> bool:
    """Whether input and output share a matrix, by a setting that may leave it to the vocabulary."""
    return vocab_size > FEW if tied is None else tied


class RNNShape(Settings):
    """What every stack of recurrent layers can be told."""

    width_setting: ClassVar[str] = "units"
    """The setting that its weights grow with."""

    family: str
    """The family's name."""

    cell: Literal["lstm", "gru"] = "lstm"
    """lstm (Hochreiter & Schmidhuber 1997) or gru (Cho et al. 2014), which has a quarter fewer weights."""

    layers: Layers = 1
    """Recurrent layers. One is the fastest to a given loss on small corpora; two or three pay on large ones."""

    dropout: Share = 0.0
    """Share of activations dropped before, between and after the layers while training; of the vectors of a vocabulary
    of at most 512 tokens, such as characters, the same of all of a kind."""

    tied: bool | None = None
    """Input and output share one embedding matrix (Press & Wolf 2017), through a projection where widths differ. None
    (null in YAML, left out on the command line): where there are more than 512 kinds of token, as of words or Chinese
    characters; of few, two matrices learn more."""

    @property
    def reach(self) -> str:
        """How far it sees, as the model card says it."""
        return "Its context has no limit."


class TransformerShape(Settings):
    """What every Transformer can be told. The defaults are today's usual form."""

    width_setting: ClassVar[str] = "width"
    """The setting that its weights grow with."""

    family: str
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

    context: Context = 256
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
    def reach(self) -> str:
        """How far it sees, as the model card says it."""
        return f"It sees {self.context:,} tokens, prompt and continuation together."

    @property
    def position_label(self) -> str:
        """What a label says of positions that are not the default's, which are another speed and another quality."""
        return ", learned positions" if self.positions == "learned" else ""

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
    def _heads_divide(self) -> Self:
        times = 2 if self.positions == "rotary" else 1
        if self.width % (times * self.heads):
            twice = ", twice the heads" if times == 2 else ", the heads"
            raise ValueError(f"width ({self.width}) must be a multiple of {times * self.heads}{twice}")
        if self.heads % (self.key_value_heads or self.heads):
            raise ValueError(f"key_value_heads ({self.key_value_heads}) must divide heads ({self.heads})")
        return self


class CNNShape(Settings):
    """What every stack of gated convolutions can be told."""

    width_setting: ClassVar[str] = "width"
    """The setting that its weights grow with."""

    family: str
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
    def dilations(self) -> list[int]:
        """Of each block: the distance between its taps."""
        return [1 << block % self.dilation_cycle for block in range(self.layers)]
