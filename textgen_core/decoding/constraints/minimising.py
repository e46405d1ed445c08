"""The smallest automaton of a language: states from which the same texts follow become one (Hopcroft 1971).

Blocks of states are split until the states of each lead to the same blocks. Where one is split, the largest part keeps
its number, and only states that lead to the others are looked at again: none is renumbered more than log2(n) times.
"""

from __future__ import annotations

import numpy as np

from textgen_core.decoding.constraints.dfa import DFA
from textgen_core.decoding.constraints.distances import Incoming, Numbers, distances
from textgen_core.decoding.constraints.limits import Budget

ROUND = 2**13
"""What a round costs besides, in cells."""


def minimal(dfa: DFA, budget: Budget) -> DFA:
    """The same language in as few states as can be.

    Raises:
        SettingsError: it takes too long.
    """
    block = _blocks(dfa, budget)
    _, first, number = np.unique(block, return_index=True, return_inverse=True)
    dead = number[dfa.dead]  # to be the last, as the start is to be the first
    order = np.argsort(np.where(np.arange(len(first)) == dead, len(block), first))
    place = np.argsort(order)
    kept = first[order]
    return DFA(place[number][dfa.moves[kept]].astype(np.int32), dfa.accepting[kept], dfa.kind_of)


def _blocks(dfa: DFA, budget: Budget) -> Numbers:
    """A number [states + 1] that states from which the same texts follow share.

    They are as far from the end of a text: that tells most states apart at once.
    """
    states, kinds = dfa.moves.shape
    incoming = Incoming(np.repeat(np.arange(states), kinds), dfa.moves.ravel(), states)
    _, block = np.unique(distances(incoming, dfa.accepting), return_inverse=True)
    changed = np.arange(states)
    while len(changed):
        budget.cells.spend(len(changed) * kinds + states + ROUND)
        changed = np.unique(incoming.of(_split(dfa, block, changed)))
    return block


def _split(dfa: DFA, block: Numbers, changed: Numbers) -> Numbers:
    """Give new numbers to states that lead to other blocks than most in theirs; those states.

    Only changed states can: the others of a block still lead to the same blocks as one another.
    """
    steady = np.ones(len(block), bool)
    steady[changed] = False
    sizes = np.bincount(block[steady], minlength=block.max() + 1)
    one_of = np.full(len(sizes), -1)
    one_of[block[steady]] = np.flatnonzero(steady)
    steady_ones = one_of[np.unique(block[changed])]
    looked_at = np.concatenate([changed, steady_ones[steady_ones >= 0]])
    rows = np.concatenate([block[looked_at, None], block[dfa.moves[looked_at]]], axis=1).astype(np.int32)
    parts: dict[int, dict[bytes, list[int]]] = {}
    for state, row in zip(looked_at.tolist(), rows, strict=True):
        parts.setdefault(int(row[0]), {}).setdefault(row.tobytes(), []).append(state)
    moved: list[int] = []
    fresh = len(sizes)
    for number, alike in parts.items():
        weights = {key: len(members) + steady[members[-1]] * sizes[number] for key, members in alike.items()}
        stays = max(weights, key=weights.__getitem__)
        for key, members in alike.items():
            if key != stays:
                if steady[members[-1]]:
                    members = np.flatnonzero(steady & (block == number)).tolist() + members[:-1]
                block[members] = fresh
                fresh += 1
                moved += members
    return np.array(moved, np.int64)
