"""The longest span of a text that stands in the training text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence

import numpy as np

from textgen_core.evaluation.occurrence import LENGTHS, Flags, Windows
from textgen_core.suffix_array import suffix_array

SEPARATOR = "\U0010ffff"
"""Between documents, so that no span crosses from one to the next. It is no character, and never part of a span."""

BYTES_A_CHARACTER = 40
"""Memory that it takes at most while it is built; about 15 afterwards, where most characters are Latin."""

Span = tuple[int, str | None]
"""Characters, and the document they stand in; (0, None) for none."""


class SpanIndex:
    """Documents, ready to be searched for the longest spans that texts share with them.

    Filters tell which windows of a text can occur at all: those of the longest kind that do hold the start of the
    longest span. Only at these few places is it looked for, exactly, in the suffix array.
    """

    def __init__(
        self, doc_ids: Sequence[str], texts: Sequence[str], advance: Callable[[int], None] = lambda characters: None
    ) -> None:
        self._text = SEPARATOR.join(texts)
        self._order = suffix_array(self._text, advance).data
        self._windows = Windows(self._text)
        self._starts = np.cumsum([0, *(len(text) + 1 for text in texts)])[:-1]
        self._doc_ids = doc_ids

    def longest(self, texts: Sequence[str]) -> list[Span]:
        """The longest span of each text."""
        found = self._windows.found_in(SEPARATOR.join(texts))
        spans, start = [], 0
        for text in texts:
            spans.append(self._longest(text, found[:, start : start + len(text)]))
            start += len(text) + 1
        return spans

    def _longest(self, text: str, found: Flags) -> Span:
        for level in np.flatnonzero(found.any(axis=1))[::-1].tolist():
            length = LENGTHS[level]
            best, place = self._best_of(text, length, found[level, : max(0, len(text) - length + 1)])
            if best >= length:
                return best, self._doc_ids[bisect_right(self._starts, place) - 1]
        return 0, None

    def _best_of(self, text: str, length: int, flags: Flags) -> tuple[int, int]:
        """The longest span that starts where flags are set, and its place. Every span of length has its flag set.

        All windows in a span can occur, so from a flag on it ends with the run of flags, at the latest.
        """
        starts = np.flatnonzero(flags)
        ends = np.flatnonzero(np.diff(flags, append=False) & flags)  # of runs
        most = ends[np.searchsorted(ends, starts)] - starts + length
        best, place = 0, -1
        for turn in np.argsort(-most, kind="stable").tolist():
            start, limit = int(starts[turn]), int(most[turn])
            if limit <= best:
                break
            size, where = self._search(text[start : start + limit])
            if size > best:
                best, place = size, where
        return best, place

    def _search(self, wanted: str) -> tuple[int, int]:
        """How much of the beginning of wanted occurs, and where: beside where wanted itself would stand in order."""
        text, order = self._text, self._order
        at = bisect_left(order, wanted, key=lambda suffix: text[suffix : suffix + len(wanted)])
        found = [(self._common(wanted, suffix), suffix) for suffix in order[max(0, at - 1) : at + 1].tolist()]
        return max(found, default=(0, -1), key=lambda pair: pair[0])

    def _common(self, wanted: str, suffix: int) -> int:
        """Characters that wanted and a suffix have in common, up to the end of the suffix's document."""
        beside = self._text[suffix : suffix + len(wanted)].partition(SEPARATOR)[0]
        return bisect_left(range(1, len(beside) + 1), True, key=lambda size: beside[:size] != wanted[:size])
