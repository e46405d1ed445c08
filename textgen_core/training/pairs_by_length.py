"""Batches of pairs of like length, so that most of what is computed is text: of pairs as they come, side by side, most
would be what fills the shorter ones up. (Morishita et al. 2017 compare ways to do it.)
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from textgen_core.training.batches import TURNS, randoms, shuffled
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
        rows: as many times those of the full window as its tokens allow, and no more than there are pairs.
        pairs: in all whose longer side needs this width, and none of the narrower ones.
    """

    widths: Widths
    rows: int
    pairs: int


class PairsByLength:
    """Batches by their number, each of one of a few shapes. An epoch holds every pair once.

    In an epoch's new order, pairs are sorted by the width that they need, the widest first, and cut into batches, each
    as wide as its first pair needs. So a width's last pairs find company among narrower ones; rows for which there are
    no pairs left are empty. Widths then take turns, so that each stretch of steps has them in the epoch's proportions:
    they don't take equally long, and a pace measured over a few steps is that of all.

    Args:
        places: where the pairs are.
        rows: of a batch whose sides are both as long as the limit. Others have as many times that as have no more
            tokens, nor more targets, each of which has its logits.
        share: divides rows; where there are fewer pairs, empty rows make a batch's a multiple of it.
        limit: tokens of either side at most; the ends of longer ones are cut off.
        seed: what the order is drawn from.
    """

    def __init__(self, places: PairPlaces, rows: int, share: int, limit: int, seed: int) -> None:
        self.places, self._rows, self._share, self._limit, self._seed = places, rows, share, limit, seed
        self._sorted, self._turns = (lru_cache(maxsize=1)(order) for order in (self._sort, self._take_turns))

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
        found: list[Shape] = []
        for index, pairs in enumerate(np.bincount(self._needed).tolist()):
            fitting = self._needed >= index
            widths = self.places.widths(self._limit, fitting)
            side = self._rows * self._limit
            affordable = min(2 * side // sum(widths), side // widths.target)
            whole = affordable - affordable % self._rows  # so that parts of a batch are as full as the whole
            found.append(Shape(widths, min(whole, int(fitting.sum())), pairs))
        return found

    @cached_property
    def _cuts(self) -> list[tuple[int, int]]:
        """[per_epoch] the place of each batch's first pair among the sorted ones, and the index of its shape."""
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
    def examples(self) -> list[int]:
        """Numbers of a batch of each shape."""
        shapes = [self._cuts[k][1] for k in self._turns(0)]
        return [shapes.index(index) for index in sorted(set(shapes))]

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
        place, index = self._cuts[self._turns(epoch)[number]]
        widths, rows, _ = self.shapes[index]
        chosen = self._sorted(epoch)[place : place + rows]
        return self.places.batch(chosen, widths, -(-rows // self._share) * self._share)

    def _sort(self, epoch: int) -> np.ndarray:
        """[pairs] their order in an epoch, the widest first."""
        _, order = shuffled(self._seed, epoch, len(self.places.separators))
        return order[np.argsort(self._needed[order], kind="stable")]

    def _take_turns(self, epoch: int) -> np.ndarray:
        """[per_epoch] the order in which batches come in an epoch: those of a shape at even distances."""
        shapes = np.array([index for _, index in self._cuts])
        counts = np.bincount(shapes)
        ranks = np.arange(len(shapes)) - np.searchsorted(shapes, shapes)
        begins = randoms(self._seed, TURNS, epoch, len(counts)) / 2.0**64
        return np.argsort((ranks + begins[shapes]) / counts[shapes], kind="stable")
