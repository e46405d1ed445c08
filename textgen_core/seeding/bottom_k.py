"""The k prompts of lowest rank (a bottom-k sample), whatever order they come in and however often each does."""

from __future__ import annotations

import heapq
from typing import NamedTuple


class Place(NamedTuple):
    """Where a prompt was found. The lower one counts: by rank, then by document."""

    rank: int
    doc_id: str


class BottomK:
    """Each prompt counts once, where its rank is lowest. Memory is that of 2k prompts, however many are offered."""

    def __init__(self, k: int) -> None:
        self._k = k
        self._kept: dict[str, Place] = {}
        self._bound: Place | None = None
        """k prompts lie below it or on it, so that none above can be among the lowest any more."""

    def offer(self, prompt: str, place: Place) -> None:
        """Consider a prompt that was found at a place."""
        known = self._kept.get(prompt, self._bound)
        if known is None or place < known:
            self._kept[prompt] = place
        if len(self._kept) > 2 * self._k:
            lowest = self.lowest()
            self._kept = dict(lowest)
            self._bound = lowest[-1][1]

    def lowest(self) -> list[tuple[str, Place]]:
        """Up to k prompts, each with its place, the lowest first."""
        return heapq.nsmallest(self._k, self._kept.items(), key=lambda entry: (entry[1], entry[0]))
