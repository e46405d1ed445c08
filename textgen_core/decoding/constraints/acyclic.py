"""The smallest automaton of a list of words, built as they come in order (Daciuk, Mihov, Watson and Watson 2000)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Node:
    """What may follow. Once its number is known it is shared and stays as it is."""

    arcs: dict[int, Node] = field(default_factory=dict)
    final: bool = False
    number: int = -1


def smallest(words: Iterable[bytes]) -> list[Node]:
    """Its nodes, each after those that it leads to; the last is the start. Words may be in any order, but must be some.

    Only the path of the newest word can still grow; what branches off before it has its final form, and becomes one
    with its equal.
    """
    known: dict[tuple[object, ...], Node] = {}
    path, before = [Node()], b""
    for word in sorted(set(words)):
        shared = _shared(before, word)
        _settle(known, path, before, shared)
        for byte in word[shared:]:
            node = Node()
            path[-1].arcs[byte] = node
            path.append(node)
        path[-1].final = True
        before = word
    _settle(known, path, before, 0)
    start = path[0]
    start.number = len(known)
    return [*known.values(), start]


def _settle(known: dict[tuple[object, ...], Node], path: list[Node], word: bytes, shared: int) -> None:
    """Put known equals in the place of the nodes of the path behind what the next word shares."""
    while len(path) > shared + 1:
        node = path.pop()
        form = (node.final, *((byte, after.number) for byte, after in node.arcs.items()))
        same = known.setdefault(form, node)
        if same is node:
            node.number = len(known) - 1
        path[-1].arcs[word[len(path) - 1]] = same


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    """Bytes that both begin with."""
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))
