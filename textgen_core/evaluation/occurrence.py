"""Which windows of a text can occur in another, for all windows at once: filters after Bloom (1970), one a length."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from textgen_core.evaluation.suffix_array import code_points

LENGTHS = (1, 2, 4, 8, 16, 32, 64)
"""Characters of the windows; each twice the one before."""

_FACTOR = np.uint64(0x9E3779B97F4A7C15)

Hashes = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]


class Windows:
    """The windows of a text, remembered by one bit of their hash: it never forgets one, and may take others for one."""

    def __init__(self, text: str) -> None:
        self._bits = max(10, (4 * len(text)).bit_length())  # 4 to 8 bits a character and length
        self._filters = [self._filter(hashes) for hashes in _hashes(text)]

    def _filter(self, hashes: Hashes) -> npt.NDArray[np.uint8]:
        table = np.zeros(1 << self._bits, np.bool_)
        table[self._slots(hashes)] = True
        return np.packbits(table, bitorder="little")

    def _slots(self, hashes: Hashes) -> npt.NDArray[np.int64]:
        return (hashes >> np.uint64(64 - self._bits)).astype(np.int64)

    def found_in(self, text: str) -> list[Flags]:
        """For each of LENGTHS, [n] whether the window that starts there may occur; false where it would pass the end.

        Where a window may, its halves may, too.
        """
        found: list[Flags] = []
        for level, hashes in enumerate(_hashes(text)):
            slots = self._slots(hashes)
            here = np.zeros(len(text), np.bool_)
            here[: len(slots)] = self._filters[level][slots >> 3] >> (slots & 7) & 1
            if level:
                half, before = LENGTHS[level - 1], found[-1]
                here &= before
                here[: max(0, len(text) - half)] &= before[half:]
            found.append(here)
        return found


def _hashes(text: str) -> Iterator[Hashes]:
    """For each of LENGTHS, the hash of every window."""
    hashes = (code_points(text).astype(np.uint64) + np.uint64(1)) * _FACTOR
    hashes = (hashes ^ hashes >> np.uint64(29)) * _FACTOR
    yield hashes
    for length in LENGTHS[:-1]:
        hashes = (hashes[:-length] ^ hashes[:-length] >> np.uint64(31)) * _FACTOR + hashes[length:]
        hashes *= _FACTOR
        yield hashes
