"""What a tokenizer is. Four kinds keep it: char, word, byte and subword."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

PAD = 0
"""Fills the rest of a row; never predicted, never decoded."""
SEPARATOR = PAD
"""Parts the source of a pair from its target: ``source SEPARATOR target END``. It is PAD, no text and never predicted,
so that no vocabulary has to grow; inside a row it can't be taken for what fills the rest."""
END = 1
"""End of text: closes every document in training, opens every prompt, ends a generation."""
SPECIALS = 2
"""Ids below this carry no text. A tokenizer's own tokens start here. ``<|endoftext|>`` inside a text is plain text."""


class Flat(NamedTuple):
    """The tokens of many texts in one array."""

    ids: npt.NDArray[np.int32]
    """[total] ids, text after text."""
    lengths: npt.NDArray[np.int64]
    """[n] tokens of each text; they sum to total."""


class Tokenizer(Protocol):
    """Text to token ids and back. Immutable; equal JSON means equal behaviour.

    A lone surrogate, which is no character, is read as U+FFFD.
    """

    @property
    def kind(self) -> str:
        """Its name in TOKENIZERS."""

    @property
    def vocab_size(self) -> int:
        """Ids run from 0 to vocab_size - 1, PAD and END included."""

    @property
    def unknown_id(self) -> int | None:
        """The id that stands for what can't be spelt; None for lossless kinds."""

    @property
    def pieces(self) -> Sequence[bytes]:
        """The UTF-8 bytes that each id stands for; none for PAD and END. Decoding joins them, and does nothing else."""

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, without PAD or END. Never fails on any Unicode."""

    def encode_flat(self, texts: Sequence[str]) -> Flat:
        """The same in one array: for bulk work."""

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids; PAD and END give nothing. Bytes that form no character give U+FFFD."""

    def spelling_bits(self, texts: Sequence[str]) -> list[float]:
        """Bits to spell, in each text, the pieces that encode() turned into unknown_id; 0.0 for lossless kinds.

        Added to a model's own bits, so that levels with and without unknowns compare honestly.
        """

    def to_json(self) -> dict[str, Any]:
        """All there is to it, as JSON values, ``kind`` included."""
