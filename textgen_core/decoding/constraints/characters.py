"""Sets of characters, as ranges of code points."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

Range = tuple[int, int]
"""First and last code point."""

LAST = 0x10FFFF
SURROGATES = (0xD800, 0xDFFF)
"""Code points that are no characters: no text holds them."""


class Characters(tuple[Range, ...]):
    """Ranges by code point, none touching the next."""

    __slots__ = ()

    @classmethod
    def of(cls, ranges: Iterable[Range]) -> Characters:
        """The characters in any of the ranges."""
        merged: list[Range] = []
        for first, last in sorted(ranges):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = merged[-1][0], max(last, merged[-1][1])
            else:
                merged.append((first, last))
        return cls(merged)

    @classmethod
    def single(cls, character: str) -> Characters:
        """One."""
        return cls([(ord(character), ord(character))])

    def union(self, other: Iterable[Range]) -> Characters:
        """Those in either."""
        return Characters.of([*self, *other])

    def complement(self) -> Characters:
        """All others."""
        borders = [-1, *(point for pair in self for point in pair), LAST + 1]
        gaps = zip(borders[::2], borders[1::2], strict=True)
        return Characters((before + 1, after - 1) for before, after in gaps if before + 1 < after)

    def without(self, other: Iterable[Range]) -> Characters:
        """Those that are not in other."""
        return self.complement().union(other).complement()

    def holds(self, point: int) -> bool:
        """Whether this code point is among them."""
        return any(first <= point <= last for first, last in self)


NONE = Characters()
ANY = NONE.complement()


@cache
def digits() -> Characters:
    """What ``\\d`` matches in Python's re: every decimal digit of Unicode."""
    return _where(str.isdecimal)


@cache
def spaces() -> Characters:
    """What ``\\s`` matches in Python's re."""
    return _where(str.isspace)


@cache
def word_characters() -> Characters:
    """What ``\\w`` matches in Python's re: letters and numbers of Unicode, and the underscore."""
    return _where(str.isalnum).union(Characters.single("_"))


def _where(holds: Callable[[str], bool]) -> Characters:
    return Characters.of((point, point) for point in range(LAST + 1) if holds(chr(point)))
