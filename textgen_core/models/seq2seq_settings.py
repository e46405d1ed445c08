"""What each encoder-decoder can be told. No Keras here, as in ``settings``."""

from __future__ import annotations

from typing import Literal

from textgen_core.models.shapes import Layers, TransformerShape


class Seq2SeqTransformerSettings(TransformerShape):
    """An encoder-decoder of Transformer blocks (Vaswani et al. 2017), for pairs of a source and a target."""

    family: Literal["seq2seq-transformer"] = "seq2seq-transformer"
    """The family's name."""

    positions: Literal["rotary", "learned"] = "learned"
    """learned adds a vector a position, so that a target can look for a place of its source; rotary turns queries and
    keys of either side by themselves, and leaves only what stands there to look for."""

    encoder_layers: Layers | None = None
    """Blocks of the encoder. None: as many as the decoder has."""

    @property
    def label(self) -> str:
        """The architecture in a few words."""
        return f"Transformer encoder-decoder, {self.encoder_depth} + {self.layers} x {self.width}"

    @property
    def encoder_depth(self) -> int:
        """Blocks of the encoder."""
        return self.encoder_layers or self.layers
