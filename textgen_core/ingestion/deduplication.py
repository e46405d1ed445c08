"""A set of content hashes in little memory: open addressing in arrays, probed for a whole batch at a time.

96 of a hash's 128 bits are kept: among a billion texts two share them with a probability of 6e-12. A table takes
12 bytes a slot and is at least half full once it has grown: 16 to 24 bytes a hash. Eight tables share the work, so
that only an eighth is ever held twice while it grows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from textgen_core.ingestion.identity import Hashes

TABLES = 8
FIRST_SLOTS = 1 << 14
FULL = 0.75
"""Share of slots in use at which a table grows. A new hash is then placed after 4 probes on average."""

Index = npt.NDArray[np.int64]
Found = npt.NDArray[np.bool_]


class HashSet:
    """The hashes seen so far."""

    def __init__(self) -> None:
        self._tables = [_Table(FIRST_SLOTS) for _ in range(TABLES)]

    def __len__(self) -> int:
        return sum(table.count for table in self._tables)

    @property
    def nbytes(self) -> int:
        """Bytes of all tables."""
        return sum(table.nbytes for table in self._tables)

    def add(self, hashes: Hashes) -> Found:
        """Add hashes [n, 2]; True [n] for each that was not there and does not occur earlier in the batch."""
        new = np.zeros(len(hashes), np.bool_)
        for table, members in self._shares(hashes):
            new[members] = table.add(hashes[members])
        return new

    def contains(self, hashes: Hashes) -> Found:
        """True [n] for each hash [n, 2] that was added."""
        found = np.zeros(len(hashes), np.bool_)
        for table, members in self._shares(hashes):
            found[members] = table.contains(hashes[members])
        return found

    def _shares(self, hashes: Hashes) -> list[tuple[_Table, Index]]:
        """The members of a batch, by the table they belong to; batch order is kept within a table."""
        owner = (hashes[:, 0] % np.uint64(TABLES)).astype(np.uint8)
        order = np.argsort(owner, kind="stable")
        bounds = np.searchsorted(owner[order], np.arange(TABLES + 1))
        return [(self._tables[index], order[bounds[index] : bounds[index + 1]]) for index in range(TABLES)]


class _Table:
    """Slots are 2^m or 3 * 2^m, and a step is 1 modulo 6: coprime, so that a probe sequence visits every slot."""

    def __init__(self, slots: int) -> None:
        self._high = np.zeros(slots, np.uint64)  # 0 marks a free slot
        self._low = np.zeros(slots, np.uint32)
        self.count = 0

    @property
    def nbytes(self) -> int:
        return self._high.nbytes + self._low.nbytes

    def add(self, hashes: Hashes) -> Found:
        while self.count + len(hashes) > FULL * len(self._high):
            self._grow()
        high, low = _kept_bits(hashes)
        if (first := _first_occurrences(high, low)) is None:
            return self._place(high, low)
        new = np.zeros(len(high), np.bool_)
        new[first] = self._place(high[first], low[first])
        return new

    def contains(self, hashes: Hashes) -> Found:
        high, low = _kept_bits(hashes)
        found = np.zeros(len(high), np.bool_)
        active = np.arange(len(high))
        slot, step = self._sequence(high, low)
        while len(active):
            there = self._high[slot]
            same = (there == high[active]) & (self._low[slot] == low[active])
            found[active[same]] = True
            onward = ~same & (there != 0)
            active, step = active[onward], step[onward]
            slot = (slot[onward] + step) % len(self._high)
        return found

    def _place(self, high: npt.NDArray[np.uint64], low: npt.NDArray[np.uint32]) -> Found:
        """Place distinct hashes; True for each that was not there."""
        new = np.zeros(len(high), np.bool_)
        active = np.arange(len(high))
        slot, step = self._sequence(high, low)
        while len(active):
            free = self._high[slot] == 0
            self._high[slot[free]] = high[active[free]]  # where several want one slot, the last gets it
            self._low[slot[free]] = low[active[free]]
            there = (self._high[slot] == high[active]) & (self._low[slot] == low[active])
            new[active[free & there]] = True
            active, step = active[~there], step[~there]
            slot = (slot[~there] + step) % len(self._high)
        self.count += int(new.sum())
        return new

    def _sequence(self, high: npt.NDArray[np.uint64], low: npt.NDArray[np.uint32]) -> tuple[Index, Index]:
        """First slot and step of each hash, from the bits that are kept."""
        slots = len(self._high)
        first = ((high >> np.uint64(32)) * np.uint64(slots)) >> np.uint64(32)
        return first.astype(np.int64), 6 * (low.astype(np.int64) % max(1, slots // 6)) + 1

    def _grow(self) -> None:
        slots = len(self._high)
        taken = self._high != 0
        high, low = self._high[taken], self._low[taken]
        larger = slots * 3 // 2 if slots & (slots - 1) == 0 else slots * 4 // 3
        self._high, self._low = np.zeros(larger, np.uint64), np.zeros(larger, np.uint32)
        self.count = 0
        self._place(high, low)


def _first_occurrences(high: npt.NDArray[np.uint64], low: npt.NDArray[np.uint32]) -> Index | None:
    """Where each distinct hash stands first in a batch; None where all are distinct, which is quick to see."""
    ordered = np.sort(high)
    if (ordered[1:] != ordered[:-1]).all():
        return None
    order = np.lexsort((low, high))  # stable: equal hashes stay in batch order
    repeats = (high[order[1:]] == high[order[:-1]]) & (low[order[1:]] == low[order[:-1]])
    return np.delete(order, np.flatnonzero(repeats) + 1)


def _kept_bits(hashes: Hashes) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
    return np.maximum(hashes[:, 0], np.uint64(1)), (hashes[:, 1] >> np.uint64(32)).astype(np.uint32)
