"""Nats a token to bits an original character, as evaluation counts them: levels compare in training already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def bits_of_pairs(
    facts: Mapping[str, Any], tokens: Mapping[str, int], targets_only: Sequence[str]
) -> dict[str, BitsPerChar]:
    """The same where texts are pairs: of all that is said in a split, or of its targets and the END of each alone."""
    found = {}
    for split, count in tokens.items():
        side = "target_" if split in targets_only else ""
        chars, pairs = facts[f"{side}chars_{split}"], facts[f"pairs_{split}"]
        said = facts[f"target_tokens_{split}"] + pairs if side else count - pairs
        if chars:
            found[split] = BitsPerChar(said / chars, facts[f"{side}spelling_bits_{split}"] / chars)
    return found


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
