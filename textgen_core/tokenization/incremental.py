"""Decoding as tokens come: for live output and for finding stop strings."""

from __future__ import annotations

import codecs
from collections.abc import Iterable

from textgen_core.tokenization.interface import Tokenizer


class IncrementalDecoder:
    """Gives text as soon as no further token can change it; all its answers joined are ``decode`` of all the ids.

    What it holds back is at most the first three bytes of a character.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._pieces = tokenizer.pieces
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, ids: Iterable[int]) -> str:
        """The text that these ids complete."""
        return self._utf8.decode(b"".join([self._pieces[id] for id in ids]))

    def finish(self) -> str:
        """What was held back: U+FFFD for an unfinished character, or nothing. The decoder starts anew."""
        text = self._utf8.decode(b"", final=True)
        self._utf8.reset()
        return text
