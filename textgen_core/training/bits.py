"""Nats a token to bits an original character, as evaluation counts them: levels compare in training already."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class BitsPerChar:
    """Of one split."""

    tokens_per_char: float
    """The END of each document is a token too."""
    spelling: float
    """Bits a character to spell the unknowns."""

    def __call__(self, loss: float) -> float:
        """Bits a character at a loss of so many nats a token."""
        return loss / math.log(2) * self.tokens_per_char + self.spelling


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
