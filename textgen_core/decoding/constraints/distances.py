"""How far the states of an automaton are from the end of a text."""

from __future__ import annotations

from typing import Any

import numpy as np

Numbers = np.ndarray[Any, Any]


class Incoming:
    """The states [m] that lead to each of n states, by moves from sources [m] to targets [m]."""

    def __init__(self, sources: Numbers, targets: Numbers, n: int) -> None:
        pairs = np.unique(targets.astype(np.int64) * n + sources)
        self._sources = (pairs % n).astype(np.int32)
        self._begins = np.searchsorted(pairs // n, np.arange(n + 1))

    def of(self, states: Numbers) -> Numbers:
        """Those that lead to any of the states; some more than once."""
        return np.asarray(self._sources[spans(self._begins[states], self._begins[states + 1])])


def distances(incoming: Incoming, accepting: Numbers) -> Numbers:
    """The fewest moves [n] from each state to an accepting one; -1 where none leads there."""
    found = np.where(accepting, 0, -1)
    ahead, steps = np.flatnonzero(accepting), 0
    while len(ahead):
        steps += 1
        ahead = np.unique(incoming.of(ahead))
        ahead = ahead[found[ahead] < 0]
        found[ahead] = steps
    return found


def spans(begins: Numbers, ends: Numbers) -> Numbers:
    """All numbers of the first span, then all of the second, and so on."""
    lengths = ends - begins
    skipped = np.cumsum(lengths) - lengths
    return np.asarray(np.arange(lengths.sum()) + np.repeat(begins - skipped, lengths))
