"""Batches of pairs of like length, so that most of what is computed is text: of pairs as they come, side by side, most
would be what fills the shorter ones up. (Morishita et al. 2017 compare ways to do it.)
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from textgen_core.training.batches import BATCHES, shuffled
from textgen_core.training.pairs import PairBatch, PairPlaces, Widths, room

HALVINGS = 3
"""How often the full width is halved for shorter pairs. Each width is a program of its own, which takes seconds to
make."""
NARROWEST = 32
"""Tokens a side, below which a program of its own would save next to nothing."""


class Shape(NamedTuple):
    """Of a batch.

    Attributes:
        widths: of its sides.
        rows: as many of that width as cost what ``rows`` of the full width do.
        pairs: in all whose longer side needs this width, and none of the narrower ones.
    """

    widths: Widths
    rows: int
    pairs: int


class PairsByLength:
    """Batches by their number, each of one of a few shapes. An epoch holds every pair once, and to fill its last batch
    a few of the shortest twice.

    In an epoch's new order, pairs are sorted by the width that they need, the widest first, and cut into batches, each
    as wide as its first pair needs; batches then come in an order of their own. So a width's last pairs find company
    among narrower ones.

    Args:
        places: where the pairs are.
        rows: of a batch of the full width.
        share: rows are a multiple of it; it divides ``rows``.
        limit: tokens of either side at most; the ends of longer ones are cut off.
        seed: what the order is drawn from.
    """

    def __init__(self, places: PairPlaces, rows: int, share: int, limit: int, seed: int) -> None:
        self.places, self._rows, self._share, self._limit, self._seed = places, rows, share, limit, seed
        self._sorted = lru_cache(maxsize=1)(self._sort)

    @cached_property
    def _needed(self) -> np.ndarray:
        """[pairs] the index of the shape that each needs: 0 is the widest."""
        longer = np.minimum(np.maximum(self.places.sources, self.places.targets), self._limit)
        widest = int(longer.max())
        halves = [room(widest >> k) for k in range(1, HALVINGS + 1)]
        limits = np.array([*(half for half in halves[::-1] if half >= NARROWEST), widest])
        return np.unique(-np.searchsorted(limits, longer), return_inverse=True)[1]

    @cached_property
    def shapes(self) -> list[Shape]:
        """From the widest to the narrowest, each with room for all pairs that need no more."""
        widths = [
            self.places.widths(self._limit, self._needed >= index) for index in range(int(self._needed.max()) + 1)
        ]
        cost = self._rows * sum(widths[0])
        return [
            Shape(each, cost // (sum(each) * self._share) * self._share, pairs)
            for each, pairs in zip(widths, np.bincount(self._needed).tolist(), strict=True)
        ]

    @cached_property
    def _cuts(self) -> list[tuple[int, int]]:
        """Of each batch of an epoch: its first pair's place among the sorted ones, and the index of its shape."""
        cuts, place, end = [], 0, 0
        for index, shape in enumerate(self.shapes):
            end += shape.pairs
            while place < end:
                cuts.append((place, index))
                place += shape.rows
        return cuts

    @property
    def per_epoch(self) -> int:
        """Batches of an epoch."""
        return len(self._cuts)

    @property
    def tokens(self) -> int:
        """Tokens of a batch, both sides, on average."""
        sides = zip((self.places.sources, self.places.targets), self.shapes[0].widths, strict=True)
        return max(1, round(sum(int(np.minimum(own, width).sum()) for own, width in sides) / self.per_epoch))

    @property
    def targets(self) -> float:
        """Tokens of a batch's targets, on average."""
        return float(np.minimum(self.places.targets, self.shapes[0].widths.target).sum() / self.per_epoch)

    def __getitem__(self, t: int) -> PairBatch:
        """Batch t >= 0."""
        epoch, number = divmod(t, self.per_epoch)
        _, order = shuffled(self._seed, epoch, self.per_epoch, BATCHES)
        place, index = self._cuts[order[number]]
        shape = self.shapes[index]
        first = sum(wider.pairs for wider in self.shapes[:index])
        narrow = self._sorted(epoch)[first:]  # all that need no more than this width
        chosen = narrow.take(np.arange(place - first, place - first + shape.rows), mode="wrap")
        return self.places.batch(chosen, shape.widths)

    def _sort(self, epoch: int) -> np.ndarray:
        """[pairs] their order in an epoch, the widest first."""
        _, order = shuffled(self._seed, epoch, len(self.places.separators))
        return order[np.argsort(self._needed[order], kind="stable")]
