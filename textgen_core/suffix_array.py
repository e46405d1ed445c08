"""Where the suffixes of a text start, in alphabetical order (Manber and Myers 1993)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

AT_A_TIME = 4_000_000
"""Suffixes sorted at once, but for a group that is larger: a second's work, between two signs of progress."""

Places = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """[n] the code points of a text, lone surrogates included."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))


def suffix_array(text: str, advance: Callable[[int], None] = lambda characters: None) -> Places:
    """[n] where the suffixes of text (fewer than 2 ** 31) start, in order by code point.

    The first sort is by as many characters as fit into 64 bits. Each further one doubles the width, and looks only at
    suffixes that others still equal (Larsson and Sadakane 2007): in natural text hardly any are left after the third.

    Args:
        advance: is told how many more suffixes have found their places.
    """
    keys, width = _first_keys(text)
    order, new = _sorted(keys, advance)
    del keys
    slots, rank = np.arange(len(order), dtype=np.int32), np.empty(len(order), np.int32)
    while True:
        for some in _whole_groups(new):
            rank[order[slots[some]]] = _first_of_group(slots[some], new[some])
        shared = _shared(new)
        slots, new = slots[shared], new[shared]
        if not slots.size:
            return order
        for some in _whole_groups(new):
            places = order[slots[some]]
            keys = _pairs(rank, places, width)
            sorting = np.argsort(keys)
            order[slots[some]] = places[sorting]
            new[some] = _differs(keys[sorting])
            advance(int(some.stop - some.start - _shared(new[some]).sum()))
        width *= 2


def _first_keys(text: str) -> tuple[npt.NDArray[np.uint64], int]:
    """[n] each suffix's first characters as one number, the end of the text below all; and how many they are."""
    points = code_points(text)
    seen = np.bincount(points, minlength=1) > 0
    codes = np.cumsum(seen).astype(np.uint32)[points]
    bits = max(1, int(seen.sum()).bit_length())
    width = 64 // bits
    keys = np.zeros(len(codes), np.uint64)
    for ahead in range(width):
        keys <<= np.uint64(bits)
        keys[: max(0, len(codes) - ahead)] |= codes[ahead:]
    return keys, width


def _sorted(keys: npt.NDArray[np.uint64], advance: Callable[[int], None]) -> tuple[Places, Flags]:
    """[n] where keys stand in order, and whether each is another than the one before."""
    order, new = np.empty(len(keys), np.int32), np.empty(len(keys), np.bool_)
    sample = np.sort(keys[:: max(1, len(keys) // 10_000)])
    borders = np.unique(sample[:: max(1, len(sample) * AT_A_TIME // max(1, len(keys)))])[1:]
    done = 0
    for low, high in pairwise([None, *borders, None]):
        inside = np.ones(len(keys), np.bool_) if low is None else keys >= low
        if high is not None:
            inside &= keys < high
        places = np.flatnonzero(inside).astype(np.int32)
        some = slice(done, done + len(places))
        order[some] = places[np.argsort(keys[places])]
        new[some] = _differs(keys[order[some]])
        advance(int(len(places) - _shared(new[some]).sum()))
        done = some.stop
    return order, new


def _whole_groups(new: Flags) -> Iterator[slice]:
    """Slices of about AT_A_TIME that cut no group in two; new tells where one starts."""
    starts = np.append(np.flatnonzero(new), len(new))
    borders = starts[np.searchsorted(starts, np.arange(0, len(new) + AT_A_TIME, AT_A_TIME).clip(max=len(new)))]
    for start, stop in pairwise(np.unique(borders).tolist()):
        yield slice(start, stop)


def _differs(keys: npt.NDArray[np.uint64]) -> Flags:
    """Whether each key is another than the one before."""
    return np.append(True, keys[1:] != keys[:-1])[: len(keys)]


def _first_of_group(slots: Places, new: Flags) -> Places:
    """The first slot of each slot's group; new tells where one starts."""
    first: Places = np.maximum.accumulate(np.where(new, slots, 0))
    return first


def _shared(new: Flags) -> Flags:
    """Whether a slot's group has others."""
    shared: Flags = ~(new & np.append(new[1:], True)[: len(new)])
    return shared


def _pairs(rank: Places, places: Places, width: int) -> npt.NDArray[np.uint64]:
    """The rank of the suffixes at places and, below it, of what follows width later; 0 for the end of the text."""
    later = places.astype(np.int64) + width
    inside = later < len(rank)
    following = np.zeros(len(places), np.uint64)
    following[inside] = rank[later[inside]].astype(np.uint64) + np.uint64(1)
    return rank[places].astype(np.uint64) << np.uint64(32) | following
