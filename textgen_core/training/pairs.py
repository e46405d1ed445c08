"""Pairs of a stream, cut and filled up to one width."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from textgen_core.tokenization.interface import END, PAD
from textgen_core.training.batches import Batch, shuffled

STEP = 8
"""Widths are multiples of it: as good as the longest side for memory, and better for whatever computes in blocks."""


class PairBatch(NamedTuple):
    """All int32. A source begins with END, as every prompt does, and a target with the PAD before it.

    Attributes:
        source: [n, s], of row i the first lengths[i]; PAD beyond.
        lengths: [n]; 0 in a row without a pair.
        tokens: [n, t] what a decoder reads; PAD beyond.
        targets: [n, t] what it is to say, one token later, the END included; PAD beyond, and PAD does not count.
    """

    source: np.ndarray
    lengths: np.ndarray
    tokens: np.ndarray
    targets: np.ndarray


class Widths(NamedTuple):
    """Tokens that sources and targets have at most; longer ones are cut at their end."""

    source: int
    target: int


@dataclass(frozen=True)
class PairPlaces:
    """Where the pairs of a stream lie.

    Attributes:
        stream: token ids [n]: source PAD target END source PAD target END ..
    """

    stream: np.ndarray

    @cached_property
    def separators(self) -> np.ndarray:
        """[pairs] places of the PAD in each."""
        return np.flatnonzero(self.stream == PAD)

    @cached_property
    def sources(self) -> np.ndarray:
        """[pairs] lengths, with the END before them."""
        ends = np.flatnonzero(self.stream == END)
        following = np.searchsorted(ends, self.separators)
        lengths: np.ndarray = self.separators - np.where(following > 0, ends[following - 1], -1)
        return lengths

    @cached_property
    def targets(self) -> np.ndarray:
        """[pairs] lengths, with the END after them."""
        ends = np.flatnonzero(self.stream == END)
        lengths: np.ndarray = ends[np.searchsorted(ends, self.separators)] - self.separators
        return lengths

    def widths(self, limit: int, among: Any = slice(None)) -> Widths:
        """Room for the longest sides, but no more than limit.

        among [pairs]: whether a pair counts; all of them by default.
        """
        sides = (self.sources[among], self.targets[among])
        source, target = (min(limit, room(int(side.max(initial=1)))) for side in sides)
        return Widths(source, target)

    def cut(self, widths: Widths) -> int:
        """How many pairs have a side that is longer."""
        return int(((self.sources > widths.source) | (self.targets > widths.target)).sum())

    def batch(self, chosen: np.ndarray, widths: Widths, rows: int) -> PairBatch:
        """The pairs of these numbers, at most so many, cut and filled up to these widths. Rows without are all PAD."""
        separators, whole = self.separators[chosen], self.sources[chosen]
        lengths = np.minimum(whole, widths.source)
        targets = np.minimum(self.targets[chosen], widths.target)
        whole_rows = (
            self._cut(separators - whole, lengths, widths.source),
            lengths.astype(np.int32),
            self._cut(separators, targets, widths.target),
            self._cut(separators + 1, targets, widths.target),
        )
        empty = rows - len(chosen)
        return PairBatch(*(np.pad(side, [(0, empty), (0, 0)][: side.ndim], constant_values=PAD) for side in whole_rows))

    def some(self, count: int, limit: int) -> PairBatch:
        """So many pairs that nobody chose, always the same ones, cut to the limit; where there are fewer, again."""
        _, order = shuffled(0, 0, len(self.separators))
        return self.batch(np.resize(order, count), self.widths(limit), count)

    def drawn(self, tokens: int, limit: int) -> PairPlaces:
        """As many of these pairs, always the same ones, as have about so many tokens with both sides cut to the limit.

        All where they have no more, at least one.
        """
        _, order = shuffled(0, 0, len(self.separators))
        sizes = sum(np.minimum(side, limit) for side in (self.sources, self.targets))
        count = np.searchsorted(np.cumsum(sizes[order]), tokens) + 1
        begins, ends = self.separators - self.sources + 1, self.separators + self.targets + 1
        return PairPlaces(np.concatenate([self.stream[begins[k] : ends[k]] for k in np.sort(order[:count])]))

    def _cut(self, starts: np.ndarray, lengths: np.ndarray, width: int) -> np.ndarray:
        """[n, width] what begins at starts, as many tokens as lengths, PAD beyond; the stream is a circle."""
        steps = np.arange(width)
        ids = self.stream[(starts[:, None] + steps) % len(self.stream)].astype(np.int32)
        return np.where(steps < lengths[:, None], ids, PAD).astype(np.int32)


def room(length: int) -> int:
    """A width for what is so long."""
    return -(-length // STEP) * STEP


def joined(batch: PairBatch) -> Batch:
    """Each pair in one row [n, s + t], for models that read it like any text; PAD for what they need not say."""
    width = batch.tokens.shape[1]
    steps = np.arange(batch.source.shape[1] + width) - batch.lengths[:, None]
    inside = (steps >= 0) & (steps < width)
    at = np.clip(steps, 0, width - 1)
    source = np.pad(batch.source, ((0, 0), (0, width)), constant_values=PAD)
    target, following = (np.take_along_axis(ids, at, axis=1) for ids in (batch.tokens, batch.targets))
    tokens = np.where(steps < 0, source, np.where(inside, target, PAD))
    return Batch(tokens, np.where(inside, following, PAD), np.ones(len(tokens), np.int32))
