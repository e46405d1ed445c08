"""Which tokens are in batch t: a pure function of the seed and t, so that resuming needs one integer.

Two ways to cut a stream. ``Streams``: each row reads on where it stopped in the batch before, for models that carry
their state. ``Windows``: every window stands alone; all of them in a new order each epoch. Pairs: ``pairs_by_length``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np

RESET_EVERY = 16
"""Windows after which, on average, a row's state starts anew. Were it carried on for good, the model would never learn
to begin from nothing, as it must when it reads a prompt."""

ORDER, RESETS, TURNS = 0, 1, 2  # purposes of random numbers: each has a sequence of its own


class Batch(NamedTuple):
    """tokens and targets int32 [rows, window]; targets are one token later. fresh int32 [rows]: 1 for a new state.

    No booleans: a mirrored strategy can't hand them out.
    """

    tokens: np.ndarray
    targets: np.ndarray
    fresh: np.ndarray


class Batches(Protocol):
    """Batches by their number."""

    @property
    def tokens(self) -> int:
        """Tokens of a batch; the mean where they differ."""

    def __getitem__(self, t: int) -> tuple[np.ndarray, ...]:
        """Batch t >= 0."""


@dataclass(frozen=True)
class Streams:
    """Every row reads its own stretch of the stream. A pass over all of it is followed by another, from elsewhere."""

    stream: np.ndarray
    rows: int
    window: int
    seed: int | None
    """None: always from the stream's beginning, as validation needs it."""

    @property
    def tokens(self) -> int:
        """See Batches."""
        return self.rows * self.window

    @property
    def per_pass(self) -> int:
        """Batches until each row has read its stretch."""
        return max(1, len(self.stream) // self.rows // self.window)

    def __getitem__(self, t: int) -> Batch:
        """Batch t >= 0."""
        turn, k = divmod(t, self.per_pass)
        stretch = len(self.stream) // self.rows
        shift = 0 if self.seed is None else int(randoms(self.seed, ORDER, turn, 1)[0] % len(self.stream))
        starts = shift + np.arange(self.rows) * stretch + k * self.window
        return cut(self.stream, starts, self.window, self._fresh(t, k))

    def _fresh(self, t: int, k: int) -> np.ndarray:
        if self.seed is None or k == 0:
            return np.full(self.rows, k == 0)
        return np.asarray(randoms(self.seed, RESETS, t, self.rows) % RESET_EVERY == 0)


@dataclass(frozen=True)
class Windows:
    """Windows side by side from a random offset on; each is in one batch of an epoch."""

    stream: np.ndarray
    rows: int
    window: int
    seed: int

    @property
    def tokens(self) -> int:
        """See Batches."""
        return self.rows * self.window

    def __getitem__(self, t: int) -> Batch:
        """Batch t >= 0."""
        count = max(1, len(self.stream) // self.window)
        epochs, places = np.divmod(np.arange(t * self.rows, (t + 1) * self.rows), count)
        starts = np.empty(self.rows, np.int64)
        for epoch in np.unique(epochs):
            shift, order = shuffled(self.seed, int(epoch), count)
            inside = epochs == epoch
            starts[inside] = shift % len(self.stream) + order[places[inside]] * self.window
        return cut(self.stream, starts, self.window, np.ones(self.rows, bool))


def cut(stream: np.ndarray, starts: np.ndarray, window: int, fresh: np.ndarray) -> Batch:
    """The windows that begin at starts, each with the token that follows; the stream is a circle."""
    places = (starts[:, None] + np.arange(window + 1)) % len(stream)
    ids = stream[places].astype(np.int32)
    return Batch(ids[:, :-1], ids[:, 1:], fresh.astype(np.int32))


def randoms(seed: int, purpose: int, counter: int, n: int) -> np.ndarray:
    """n random uint64, a pure function of its arguments (Philox; its raw stream is the same in every version)."""
    key, start = np.array([seed, purpose], np.uint64), np.array([0, 0, 0, counter], np.uint64)
    return np.asarray(np.random.Philox(key=key, counter=start).random_raw(n))


@lru_cache(maxsize=2)  # a batch may lie across two epochs
def shuffled(seed: int, epoch: int, count: int) -> tuple[int, np.ndarray]:
    """Of an epoch a random number, and the order [count] in which it goes through what there is."""
    drawn = randoms(seed, ORDER, epoch, count + 1)
    return int(drawn[0]), np.argsort(drawn[1:], kind="stable")
