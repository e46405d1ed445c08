"""The n-grams of many texts as hashes, in memory that their number doesn't change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

LIMIT = 1 << 22
"""n-grams kept at most: 12 bytes each. What is estimated from the share of them that is kept is off by about
1 / sqrt(different ones among these), 0.1%."""

Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]


class NGrams:
    """The n-grams of rows that are added batch after batch.

    All of them; above LIMIT occurrences only those whose hash ends in ``level`` zero bits, the least level that fits:
    an even share of the different ones, each with all its occurrences, whatever the order of the rows (Gibbons 2001).
    """

    def __init__(self, n: int, limit: int = LIMIT) -> None:
        self.n = n
        self.level = 0
        self._limit, self._kept = limit, 0
        self._hashes: list[Hashes] = []
        self._rows: list[npt.NDArray[np.int32]] = []
        self._sizes: list[Ints] = []

    def add(self, words: Hashes, lengths: Ints) -> None:
        """Take rows: the hashes of all their words [total], and how many each has [rows]; they sum to total."""
        row = np.repeat(np.arange(len(lengths)), lengths)
        inside = row[: len(row) - self.n + 1] == row[self.n - 1 :] if len(row) >= self.n else np.zeros(0, bool)
        hashes = np.zeros(len(inside), np.uint64)
        for start in range(self.n):
            hashes = mixed(hashes + words[start : start + len(inside)])
        first = sum(map(len, self._sizes))
        self._keep(hashes[inside], (row[: len(inside)][inside] + first).astype(np.int32))
        self._sizes.append(np.maximum(lengths - self.n + 1, 0))

    def _keep(self, hashes: Hashes, rows: npt.NDArray[np.int32]) -> None:
        self._hashes.append(hashes)
        self._rows.append(rows)
        self._filter(len(self._hashes) - 1)
        self._kept += len(self._hashes[-1])
        while self._kept > self._limit:
            self.level += 1
            for place in range(len(self._hashes)):
                self._filter(place)
            self._kept = sum(map(len, self._hashes))

    def _filter(self, place: int) -> None:
        wanted = self._hashes[place] & np.uint64((1 << self.level) - 1) == 0
        self._hashes[place], self._rows[place] = self._hashes[place][wanted], self._rows[place][wanted]

    @property
    def sizes(self) -> Ints:
        """[rows] n-grams of each row, whether they were kept or not."""
        return np.concatenate([*self._sizes, np.zeros(0, np.int64)])

    @property
    def occurrences(self) -> tuple[Hashes, npt.NDArray[np.int32]]:
        """The hash and the row of each that was kept."""
        return (
            np.concatenate([*self._hashes, np.zeros(0, np.uint64)]),
            np.concatenate([*self._rows, np.zeros(0, np.int32)]),
        )


def word_hashes(texts: Iterable[Sequence[str] | None]) -> tuple[Hashes, Ints]:
    """Hashes of the words of all texts, one after the other, and how many each text has."""
    lengths: list[int] = []
    flat: list[int] = []
    for words in texts:
        lengths.append(len(words or ()))
        flat += map(_word_hash, words or ())
    return np.array(flat, np.uint64), np.array(lengths, np.int64)


@lru_cache(maxsize=1 << 18)
def _word_hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def mixed(values: Hashes) -> Hashes:
    """Every bit of a value depends on all of its bits (SplitMix64, Steele et al. 2014)."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
