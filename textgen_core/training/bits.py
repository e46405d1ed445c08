"""Nats a token to bits an original character, as evaluation counts them: levels compare in training already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from textgen_core.tokenization.spelling import text_bits


@dataclass(frozen=True)
class BitsPerChar:
    """What a loss on the text of one split is in bits a character: tokens of any kind compare by it."""

    tokens_per_char: float
    """Tokens predicted for each character of the text; the END of each document is one of them."""
    spelling: float
    """Bits a character that it costs to spell the words which the tokenizer does not know."""

    def __call__(self, loss: float) -> float:
        """Bits a character at a loss of so many nats a token."""
        return text_bits(loss * self.tokens_per_char, self.spelling)


def bits_per_char(facts: Mapping[str, Any], tokens: Mapping[str, int]) -> dict[str, BitsPerChar]:
    """By split, from a tokenization's facts and the tokens in each stream.

    A split without characters has none, nor has one whose unknowns nobody priced.
    """
    found = {}
    for split, count in tokens.items():
        chars, spelling = facts.get(f"chars_{split}"), facts.get(f"spelling_bits_{split}")
        if chars and spelling is not None:
            found[split] = BitsPerChar(count / chars, spelling / chars)
    return found
