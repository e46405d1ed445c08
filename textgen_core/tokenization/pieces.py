"""What all tokenizers share: ids stand for pieces of UTF-8, decoding joins them, and JSON holds the rest."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from textgen_core.tokenization.interface import SPECIALS, Flat

BYTES = tuple(bytes([value]) for value in range(256))
NOTHING = (b"",) * SPECIALS
REPLACEMENT = "\ufffd"
"""What stands where text can't be told."""


class PieceTokenizer(BaseModel):
    """Base of the four kinds: its fields are its JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @property
    @abstractmethod
    def pieces(self) -> Sequence[bytes]:
        """See Tokenizer."""

    @abstractmethod
    def encode_flat(self, texts: Sequence[str]) -> Flat:
        """See Tokenizer."""

    @property
    def vocab_size(self) -> int:
        """See Tokenizer."""
        return len(self.pieces)

    @property
    def unknown_id(self) -> int | None:
        """See Tokenizer."""
        return None

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """See Tokenizer."""
        ids, lengths = self.encode_flat(texts)
        stops = lengths.cumsum().tolist()
        return [ids[start:stop].tolist() for start, stop in zip([0, *stops], stops, strict=False)]

    def decode(self, ids: Sequence[int]) -> str:
        """See Tokenizer."""
        pieces = self.pieces
        return b"".join([pieces[id] for id in ids]).decode("utf-8", "replace")

    def spelling_bits(self, texts: Sequence[str]) -> list[float]:
        """See Tokenizer."""
        return [0.0] * len(texts)

    def to_json(self) -> dict[str, Any]:
        """See Tokenizer."""
        return self.model_dump(mode="json")


def piece_name(piece: bytes) -> str:
    """A token's text, to be shown by itself; of bytes that are no characters, their hexadecimal digits."""
    try:
        return piece.decode()
    except UnicodeDecodeError:
        return piece.hex(" ").upper()


def without_surrogates(texts: Sequence[str]) -> list[str]:
    """Texts that UTF-8 can hold: a lone surrogate becomes U+FFFD, a pair of them the character it means."""
    return [text if _is_clean(text) else _repaired(text) for text in texts]


def _is_clean(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _repaired(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
