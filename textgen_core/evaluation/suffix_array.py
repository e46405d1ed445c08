"""Where the suffixes of a text start, in alphabetical order (Manber and Myers 1993)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

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
    size = len(keys)
    order = np.argsort(keys).astype(np.int32)
    keys = keys[order]
    new = np.append(True, keys[1:] != keys[:-1])[:size]
    del keys
    slots, rank = np.arange(size, dtype=np.int32), np.empty(size, np.int32)
    while True:
        rank[order[slots]] = _first_of_group(slots, new)
        shared = _shared(new)
        advance(len(slots) - int(shared.sum()))
        slots = slots[shared]
        if not slots.size:
            return order
        places = order[slots]
        keys = _pairs(rank, places, width)
        sorting = np.argsort(keys)
        order[slots], keys = places[sorting], keys[sorting]
        new = np.append(True, keys[1:] != keys[:-1])
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
