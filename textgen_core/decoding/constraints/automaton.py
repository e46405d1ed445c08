"""A constraint as an automaton over the tokens of one tokenizer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

STATE_BITS = 15
FAR = 2**31 - 1
"""The entry of a token that leads nowhere."""


@dataclass(frozen=True, slots=True, eq=False)
class TokenAutomaton:
    """Starts in state 0. Every state has a way to the end of a text.

    Tokens that lead to the same states from everywhere share a class. END is a token like any other: allowed where a
    text may be over.

    Attributes:
        entries: [states, classes] int32: 2**15 x (the fewest tokens to a complete text after this one) + the state
            after it; FAR where the token is not allowed.
        class_of: [vocab] int16, the class of each token.
        shortest: tokens of the shortest complete text, END not counted.
    """

    entries: np.ndarray[Any, Any]
    class_of: np.ndarray[Any, Any]
    shortest: int

    def allowed(self, state: int, remaining: int) -> np.ndarray[Any, Any]:
        """The tokens [vocab] bool that may come next with room for so many, and still lead to a complete text."""
        return np.asarray(self.entries[state, self.class_of] < min(remaining, 2**STATE_BITS) << STATE_BITS)

    def after(self, state: int, token: int) -> int:
        """The state after an allowed token."""
        return int(self.entries[state, self.class_of[token]] & (2**STATE_BITS - 1))


def free(vocab: int) -> TokenAutomaton:
    """The one that allows every token always."""
    return TokenAutomaton(np.zeros((1, 1), np.int32), np.zeros(vocab, np.int16), 0)


def entries_of(table: np.ndarray[Any, Any], distance: Sequence[int]) -> np.ndarray[Any, Any]:
    """Entries for a table [states, classes] of next states (-1: none) and each state's distance to a complete text."""
    return np.where(table < 0, FAR, (np.array(distance, np.int32)[table] << STATE_BITS) + table).astype(np.int32)
