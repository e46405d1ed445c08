"""Rows of a table, mostly empty, laid over one another so that one fills the gaps of others (Tarjan and Yao 1979)."""

from __future__ import annotations

from typing import Any

import numpy as np

from textgen_core.decoding.constraints.limits import Meter

Numbers = np.ndarray[Any, Any]

LOOKS = (2**10, 2**13, 2**16, 2**18)
"""Places among which a gap is looked for, before a row goes behind all others."""
AHEAD = 2**10
"""Places looked over at a time for one that is not taken."""


def displacements(begins: Numbers, columns: Numbers, width: int, room: Meter) -> Numbers:
    """Where each row starts, so that no two have a column at the same place, nor the same start; row 0 starts at 0.

    Args:
        begins: [rows + 1], where the ascending columns of each row begin in columns; each row has one at least.
        width: columns that a row may have.
        room: spent place by place, up to the end of the longest row.
    """
    comb = _Comb(width, room)
    counts = np.diff(begins)
    counts[0] = width + 1  # goes first
    starts = np.zeros(len(counts), np.int64)
    for row in np.argsort(-counts, kind="stable").tolist():
        starts[row] = comb.place(columns[begins[row] : begins[row + 1]])
    return starts


class _Comb:
    def __init__(self, width: int, room: Meter) -> None:
        self._width = width
        self._room = room
        self._room.spend(width - 1)  # behind the last start
        self._taken = np.zeros(2 * width + AHEAD, bool)
        self._started = np.zeros(2 * width + AHEAD, bool)
        self._end = self._top = self._lowest = 0

    def place(self, columns: Numbers) -> int:
        """Where a row with these columns starts, from now on."""
        start = self._gap(columns)
        self._grow(start)
        self._taken[start + columns] = True
        self._started[start] = True
        self._top = max(self._top, start + int(columns[-1]) + 1)
        return start

    def _gap(self, columns: Numbers) -> int:
        if len(columns) > self._width // 4:  # such rows seldom fit into one another
            return self._behind(columns)
        while self._taken[self._lowest]:
            self._lowest += int(np.argmin(self._taken[self._lowest : self._lowest + AHEAD])) or AHEAD
        start = max(self._lowest - int(columns[0]), 0)
        for size in LOOKS:
            starts = start + np.flatnonzero(~self._started[start : min(start + size, self._top)])
            for column in columns.tolist():
                starts = starts[~self._taken[starts + column]]
                if not len(starts):
                    break
            else:
                return int(starts[0])
            start += size
        return self._behind(columns)

    def _behind(self, columns: Numbers) -> int:
        return max(self._end, self._top - int(columns[0]))

    def _grow(self, start: int) -> None:
        """Room for a row that starts here, and for a look behind it."""
        self._room.spend(max(start + 1 - self._end, 0))
        self._end = max(self._end, start + 1)
        if len(self._taken) < self._end + 2 * self._width + AHEAD:
            longer = np.zeros(2 * self._end + 2 * self._width + AHEAD, bool)
            self._taken, self._started = (np.concatenate([old, longer]) for old in (self._taken, self._started))
