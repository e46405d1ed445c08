"""From an automaton with several states at once to one with a single state: subsets (Rabin and Scott 1959)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from textgen_core.decoding.constraints.dfa import DFA
from textgen_core.decoding.constraints.nfa import NFA


def deterministic(nfa: NFA) -> DFA:
    """The same language.

    Raises:
        SettingsError: it has too many states, or takes too long to make.
    """
    subsets = _Subsets(nfa)
    rows = []
    for members in subsets.members:  # grows meanwhile
        rows.append(subsets.moves(members))
    borders = np.zeros(257, bool)
    for row in rows:
        for first, last in row:
            borders[[first, last + 1]] = True
    kind_of = np.cumsum(borders[:256])  # bytes between two borders are alike
    moves = np.full((len(rows) + 1, kind_of[-1] + 1), len(rows), np.int32)
    for state, row in enumerate(rows):
        for (first, last), target in row.items():
            moves[state, kind_of[first] : kind_of[last] + 1] = target
    accepting = np.array([nfa.final in members for members in subsets.members] + [False])
    return DFA(moves, accepting, kind_of.astype(np.int16))


class _Subsets:
    """The sets of nodes that an automaton may be in after the same bytes, numbered as they are met."""

    def __init__(self, nfa: NFA) -> None:
        self._nfa = nfa
        self._numbers: dict[frozenset[int], int] = {}
        self.members: list[frozenset[int]] = []
        self._number([0])

    def moves(self, members: frozenset[int]) -> dict[tuple[int, int], int]:
        """The state after each run of bytes that leads anywhere."""
        arcs = [arc for node in members for arc in self._nfa.arcs[node]]
        borders = sorted({first for first, _, _ in arcs} | {last + 1 for _, last, _ in arcs})
        place = {border: i for i, border in enumerate(borders)}
        targets: list[set[int]] = [set() for _ in borders]
        for first, last, target in arcs:
            within = range(place[first], place[last + 1])
            self._nfa.budget.steps.spend(len(within))
            for i in within:
                targets[i].add(target)
        runs = zip(borders[:-1], borders[1:], targets, strict=False)
        return {(low, high - 1): self._number(nodes) for low, high, nodes in runs if nodes}

    def _number(self, nodes: Iterable[int]) -> int:
        """The state of being in any of the nodes."""
        members = self._closure(nodes)
        if members not in self._numbers:
            self._nfa.budget.states.spend()
            self._numbers[members] = len(self.members)
            self.members.append(members)
        return self._numbers[members]

    def _closure(self, nodes: Iterable[int]) -> frozenset[int]:
        """Those that can be reached without reading a byte and matter: they read one, or are final."""
        seen = set(nodes)
        ahead = list(seen)
        while ahead:
            node = ahead.pop()
            self._nfa.budget.steps.spend()
            fresh = [target for target in self._nfa.empty[node] if target not in seen]
            seen.update(fresh)
            ahead += fresh
        return frozenset(node for node in seen if self._nfa.arcs[node] or node == self._nfa.final)
