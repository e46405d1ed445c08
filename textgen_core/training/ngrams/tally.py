"""How often each of very many numbers comes, in the memory that the different ones take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.int64]


class Tally(NamedTuple):
    """Different numbers and how often each came."""

    keys: Keys
    """[m] ascending."""
    counts: Keys
    """[m] positive."""


def tally(blocks: Iterable[Keys]) -> Tally:
    """Count the numbers [n] of all blocks.

    Blocks are merged as a binary counter carries: each number is merged about log2(blocks) times, and no more than some
    blocks and twice the different numbers are in memory.
    """
    done: list[Tally] = []
    for block in blocks:
        done.append(Tally(*np.unique(block, return_counts=True)))
        while len(done) > 1 and len(done[-2].keys) <= 2 * len(done[-1].keys):
            done.append(merged(done.pop(), done.pop()))
    while len(done) > 1:
        done.append(merged(done.pop(), done.pop()))
    return done[0] if done else Tally(np.empty(0, np.int64), np.empty(0, np.int64))


def merged(one: Tally, other: Tally) -> Tally:
    """Both together."""
    keys = np.concatenate([one.keys, other.keys])
    order = np.argsort(keys, kind="stable")  # merges two ascending runs in linear time
    keys, counts = keys[order], np.concatenate([one.counts, other.counts])[order]
    first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
    return Tally(keys[first], np.add.reduceat(counts, first) if len(first) else counts)
