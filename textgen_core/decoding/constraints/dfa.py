"""Automata that are in one state at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from textgen_core.decoding.constraints.limits import Budget


@dataclass(frozen=True, slots=True)
class DFA:
    """Starts in state 0.

    Attributes:
        moves: [states + 1, kinds] int32, the state after a byte of each kind; the last state is the dead one.
        accepting: [states + 1] bool.
        kind_of: [256] int16, the kind of each byte; those of a kind lead to the same states from everywhere.
    """

    moves: np.ndarray[Any, Any]
    accepting: np.ndarray[Any, Any]
    kind_of: np.ndarray[Any, Any]

    @property
    def dead(self) -> int:
        """The state without a way out."""
        return len(self.moves) - 1


def together(automata: Sequence[DFA], just_one: bool, budget: Budget) -> DFA:
    """Automata that read side by side: what all accept; or, where just_one is set, what one of them alone accepts.

    Raises:
        SettingsError: there are too many states, or it takes too long.
    """
    kinds, kind_of = np.unique(np.stack([dfa.kind_of for dfa in automata]), axis=1, return_inverse=True)
    numbers = {tuple(0 for _ in automata): 0}
    over = all if just_one else any
    rows: list[list[int]] = []
    states = list(numbers)
    for state in states:  # grows meanwhile
        budget.steps.spend(kinds.shape[1])
        columns = [dfa.moves[here][kind].tolist() for dfa, here, kind in zip(automata, state, kinds, strict=True)]
        row = []
        for after in zip(*columns, strict=True):
            if after not in numbers and not over(here == dfa.dead for dfa, here in zip(automata, after, strict=True)):
                budget.states.spend()
                numbers[after] = len(states)
                states.append(after)
            row.append(numbers.get(after, -1))
        rows.append(row)
    moves = np.array([*rows, [-1] * kinds.shape[1]], np.int32)
    verdicts = [[dfa.accepting[here] for dfa, here in zip(automata, state, strict=True)] for state in states]
    accepting = np.append(np.sum(verdicts, axis=1) == (1 if just_one else len(automata)), False)
    return DFA(np.where(moves < 0, len(states), moves).astype(np.int32), accepting, kind_of.astype(np.int16))
