"""The n-grams of a stream by the length of their context, with the counts that Kneser-Ney smoothing works on.

A context is read backwards, its latest token first: then it lies among the extensions of the context that it backs off
to. It reaches back to the END before its document and no further; that END is its oldest token then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from textgen_core.tokenization.interface import END, PAD
from textgen_core.training.ngrams.tally import Keys, Tally, merged, tally

BLOCK = 1 << 20
"""Tokens, or n-grams, that are worked on at a time: some tens of megabytes."""


class Level(NamedTuple):
    """All contexts of one length, and what follows each. A place is a number in the order of its level."""

    contexts: Keys
    """[c] ascending: place of the context that is one token shorter, times vocab_size, plus the oldest token."""
    ngrams: Keys
    """[g] ascending: place of the context, times vocab_size, plus the token that follows."""
    counts: Keys
    """[g] how often the n-gram came, if no longer context is told of it; else how many different tokens come before."""


def count_levels(
    stream: npt.NDArray[np.integer],
    vocab_size: int,
    order: int,
    advance: Callable[[], None] = lambda: None,
) -> list[Level]:
    """Contexts of 0 to order - 1 tokens. Memory: four bytes a token of the stream, and some tens a different n-gram.

    Args:
        stream: token ids [n]: doc END doc END ..
        advance: is called after each length.
    """
    walk, raw = _Walk(stream, vocab_size), []
    for length in range(order):
        contexts = walk.extend() if length else np.zeros(1, np.int64)
        raw.append((contexts, walk.ngrams(longest=length == order - 1)))
        advance()
    levels = [Level(raw[-1][0], *raw[-1][1])]
    for contexts, own in reversed(raw[:-1]):
        levels.append(Level(contexts, *merged(own, tally(_continuations(levels[-1], vocab_size)))))
    return levels[::-1]


def _continuations(longer: Level, vocab_size: int) -> Iterator[Keys]:
    """The n-grams of a level without their oldest tokens: each as often as there are different ones."""
    parents = longer.contexts // vocab_size
    for first in range(0, len(longer.ngrams), BLOCK):
        places, tokens = np.divmod(longer.ngrams[first : first + BLOCK], vocab_size)
        yield parents[places] * vocab_size + tokens


class _Walk:
    """All tokens of a stream, each with the place of the context before it; -1 where none is as long, and at PAD.

    The stream is a circle, so that its last END opens its first document.
    """

    def __init__(self, stream: npt.NDArray[np.integer], vocab_size: int) -> None:
        self._stream, self._vocab_size, self._length = stream, vocab_size, 0
        self._places = np.where(stream == PAD, np.int32(-1), np.int32(0))  # nobody predicts it

    def extend(self) -> Keys:
        """Make all contexts a token longer where they can be. Returns them."""
        contexts = tally(keys[keys >= 0] for _, keys in self._longer()).keys
        for block, keys in self._longer():
            self._places[block] = np.where(keys < 0, -1, np.searchsorted(contexts, keys))
        self._length += 1
        return contexts

    def ngrams(self, longest: bool) -> Tally:
        """N-grams whose context won't be longer: because it is the longest, or begins with END."""
        return tally(self._ending(block, longest) for block in self._blocks())

    def _longer(self) -> Iterator[tuple[slice, Keys]]:
        for block in self._blocks():
            places = self._places[block].astype(np.int64)
            keys = places * self._vocab_size + self._before(block, self._length + 1)
            yield block, np.where((places < 0) | self._opened(block), -1, keys)

    def _ending(self, block: slice, longest: bool) -> Keys:
        places = self._places[block].astype(np.int64)
        ending = (places >= 0) & (longest | self._opened(block))
        return (places * self._vocab_size + self._before(block, 0))[ending]

    def _opened(self, block: slice) -> npt.NDArray[np.bool_]:
        """Whether the context of each token begins with END."""
        opened: npt.NDArray[np.bool_] = self._before(block, self._length) == END
        return opened & (self._length > 0)

    def _before(self, block: slice, back: int) -> Keys:
        """The token so many places before each of a block."""
        places = np.arange(block.start - back, block.stop - back)
        return np.take(self._stream, places, mode="wrap").astype(np.int64)

    def _blocks(self) -> Iterator[slice]:
        for first in range(0, len(self._stream), BLOCK):
            yield slice(first, min(first + BLOCK, len(self._stream)))
