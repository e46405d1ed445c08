"""A set of characters as an automaton over the bytes of UTF-8."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from textgen_core.decoding.constraints.characters import LAST, SURROGATES, Characters, Range

Arc = tuple[int, int, int]
"""First byte, last byte, and the node that any of them leads to."""

LENGTHS = (
    (0, 0x7F, 0, 0x00),
    (0x80, 0x7FF, 1, 0xC0),
    (0x800, 0xFFFF, 2, 0xE0),
    (0x10000, LAST, 3, 0xF0),
)
"""First and last character of an encoded length, its bytes after the first, and what the first byte is added to."""

FINAL, START = 0, 1


@lru_cache(maxsize=1000)
def byte_graph(characters: Characters) -> tuple[tuple[Arc, ...], ...]:
    """The arcs of each node; every path from START to FINAL spells a character of the set. Equal ends are shared."""
    graph = _Graph()
    characters = characters.without([SURROGATES])
    for first, last, following, lead in LENGTHS:
        graph.nodes[START] += graph.arcs(_clipped(characters, first, last), following, lead)
    return tuple(map(tuple, graph.nodes))


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[list[Arc]] = [[], []]
        self._known: dict[tuple[int, Characters], int] = {}

    def arcs(self, values: Characters, following: int, lead: int) -> list[Arc]:
        """Arcs for the highest six bits (or seven) of values, to nodes for the bits that follow."""
        return [
            (lead + first, lead + last, self._node(rest, following)) for first, last, rest in _split(values, following)
        ]

    def _node(self, values: Characters, following: int) -> int:
        """The node from which ``following`` bytes spell the values."""
        if not following:
            return FINAL
        if (following, values) not in self._known:
            arcs = self.arcs(values, following - 1, 0x80)
            self._known[following, values] = len(self.nodes)
            self.nodes.append(arcs)
        return self._known[following, values]


def _clipped(values: Iterable[Range], first: int, last: int) -> Characters:
    return Characters((max(low, first), min(high, last)) for low, high in values if low <= last and high >= first)


def _split(values: Characters, following: int) -> Iterator[tuple[int, int, Characters]]:
    """Runs of leading digits that are followed by the same values, and these."""
    size = 64**following
    rests: dict[int, list[Range]] = {}
    for low, high in values:
        for digit in range(low // size, high // size + 1):
            start = digit * size
            rests.setdefault(digit, []).append((max(low - start, 0), min(high - start, size - 1)))
    run: tuple[int, int, Characters] | None = None
    for digit in sorted(rests):
        rest = Characters(rests[digit])
        if run is not None and run[1] == digit - 1 and run[2] == rest:
            run = (run[0], digit, rest)
            continue
        if run is not None:
            yield run
        run = (digit, digit, rest)
    if run is not None:
        yield run
