"""One token a UTF-8 byte (as in ByT5, Xue et al. 2022)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from textgen_core.tokenization.interface import SPECIALS, Flat
from textgen_core.tokenization.pieces import BYTES, NOTHING, PieceTokenizer, without_surrogates
from textgen_core.tokenization.settings import ByteSettings


class ByteTokenizer(PieceTokenizer):
    """Lossless; ids are SPECIALS + byte."""

    kind: Literal["byte"] = "byte"

    @classmethod
    def fit(cls, settings: ByteSettings, batches: Iterable[Sequence[str]]) -> ByteTokenizer:
        """Nothing to learn: batches is not read."""
        return cls()

    @property
    def pieces(self) -> Sequence[bytes]:
        """See Tokenizer."""
        return _PIECES

    def encode_flat(self, texts: Sequence[str]) -> Flat:
        """See Tokenizer."""
        spelt = [text.encode() for text in without_surrogates(texts)]
        ids = np.frombuffer(b"".join(spelt), np.uint8).astype(np.int32)
        return Flat(ids + SPECIALS, np.fromiter(map(len, spelt), np.int64, len(spelt)))


_PIECES = (*NOTHING, *BYTES)
