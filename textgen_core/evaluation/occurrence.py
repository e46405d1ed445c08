"""Which windows of a text can occur in another, for all windows at once: filters after Bloom (1970), one a length."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from textgen_core.suffix_array import code_points

LENGTHS = (1, 2, 4, 8, 12, 16, 24, 32, 48, 64)
"""Characters of the windows. Each is at most twice the one before, so that two of those cover it."""

CHUNK = 1 << 20
"""Windows hashed at a time, so that what is in between takes little memory."""
_BASE, _FACTOR = 0x9E3779B97F4A7C15, np.uint64(0xBF58476D1CE4E5B9)
_INVERSE = np.uint64(pow(_BASE, -1, 1 << 64))

Hashes = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]


class Windows:
    """The windows of a text, remembered by one bit of their hash: it never forgets one, and may take others for one."""

    def __init__(self, text: str) -> None:
        self._bits = max(10, (4 * len(text)).bit_length())  # 4 to 8 bits a character and length
        hashes = RollingHash(text)
        self._filters = [self._filter(hashes, length) for length in LENGTHS]

    def _filter(self, hashes: RollingHash, length: int) -> npt.NDArray[np.uint8]:
        table = np.zeros(1 << self._bits, np.bool_)
        for _, some in hashes.windows(length):
            table[self._slots(some)] = True
        return np.packbits(table, bitorder="little")

    def _slots(self, hashes: Hashes) -> npt.NDArray[np.int64]:
        return (hashes >> np.uint64(64 - self._bits)).view(np.int64)

    def found_in(self, text: str) -> Flags:
        """[lengths, n] whether the window that starts there may occur; false where it would pass the end.

        Where a window may, all shorter ones at its start and at its end may, too.
        """
        found = np.zeros((len(LENGTHS), len(text)), np.bool_)
        hashes = RollingHash(text)
        for level, (length, table) in enumerate(zip(LENGTHS, self._filters, strict=True)):
            for start, some in hashes.windows(length):
                slots = self._slots(some)
                found[level, start : start + len(slots)] = table[slots >> 3] >> (slots & 7) & 1
            if level:
                shorter, shift = found[level - 1], length - LENGTHS[level - 1]
                found[level] &= shorter
                found[level, : max(0, len(text) - shift)] &= shorter[shift:]
        return found


class RollingHash:
    """Hashes of all windows of a text, of any length, from one sum over its characters (Karp and Rabin 1987)."""

    def __init__(self, text: str) -> None:
        values = code_points(text).astype(np.uint64)
        values += np.uint64(1)
        values *= _FACTOR
        values ^= values >> np.uint64(29)
        values *= _powers(np.uint64(_BASE), len(text))
        self._sums = np.zeros(len(text) + 1, np.uint64)
        np.cumsum(values, out=self._sums[1:])
        del values
        self._back = _powers(_INVERSE, len(text))

    def windows(self, length: int) -> Iterator[tuple[int, Hashes]]:
        """(where they start, hashes) of the windows of a length, some at a time."""
        count = len(self._sums) - length
        for start in range(0, count, CHUNK):
            stop = min(start + CHUNK, count)
            hashes = self._sums[start + length : stop + length] - self._sums[start:stop]
            hashes *= self._back[start:stop]
            hashes ^= hashes >> np.uint64(32)
            hashes *= _FACTOR
            yield start, hashes


def _powers(base: np.uint64, count: int) -> Hashes:
    """base ** 0, 1, 2 ... modulo 2 ** 64."""
    powers = np.full(count, base, np.uint64)
    powers[:1] = 1
    return np.cumprod(powers, out=powers)
