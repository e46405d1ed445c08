"""Loops: a row that says the same few tokens again and again ends early."""

from __future__ import annotations

import numpy as np


class LoopDetector:
    """Watches one row's tokens, one number for each length that a loop may have.

    Args:
        longest: tokens of a loop, at most.
        repeats: how often it must have been said in a row.
    """

    def __init__(self, longest: int, repeats: int) -> None:
        self._recent = np.full(longest, -1, np.int64)
        self._same = np.zeros(longest, np.int64)
        self._enough = np.arange(1, longest + 1) * (repeats - 1)

    def completes(self, token: int) -> bool:
        """Whether the tokens end with a loop now that this one has come."""
        self._same = np.where(self._recent == token, self._same + 1, 0)
        self._recent[1:] = self._recent[:-1]
        self._recent[0] = token
        return bool((self._same >= self._enough).any())
