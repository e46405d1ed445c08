"""A constraint as an automaton over the tokens of one tokenizer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from textgen_core.decoding.constraints.comb import displacements
from textgen_core.decoding.constraints.limits import OF_JOB, Meter, Size

Numbers = np.ndarray[Any, Any]

NOBODY = -1
"""The owner of a place that is in no row."""


@dataclass(frozen=True, slots=True, eq=False)
class TokenAutomaton:
    """Starts in state 0. Every state has a way to the end of a text.

    Tokens that lead to the same states from everywhere share a class. A state is the place where its row begins, in
    arrays that hold the rows of all: what it does with a token of class c stands c places on, if that place is its own.
    END is a token like any other: allowed where a text may be over.

    Attributes:
        owners: [places] int32, the state whose row a place is in, or NOBODY.
        targets: [places] int32, the state after a token of this class.
        distances: [places] int16, the fewest tokens to a complete text after that.
        class_of: [vocab] int16, the class of each token.
        classes: how many there are.
        shortest: tokens of the shortest complete text, END not counted.
    """

    owners: Numbers
    targets: Numbers
    distances: Numbers
    class_of: Numbers
    classes: int
    shortest: int

    @property
    def states(self) -> Numbers:
        """All of them, ascending."""
        return np.unique(self.owners[self.owners != NOBODY])

    def allowed(self, state: int, remaining: int) -> Numbers:
        """The tokens [vocab] bool that may come next with room for so many, and still lead to a complete text."""
        places = state + self.class_of
        return np.asarray((self.owners[places] == state) & (self.distances[places] < remaining))

    def after(self, state: int, token: int) -> int:
        """The state after an allowed token."""
        return int(self.targets[state + self.class_of[token]])


@dataclass(frozen=True, slots=True)
class Moves:
    """From each source by tokens of a class to a target, by source and then by class; all are [moves]."""

    sources: Numbers
    classes: Numbers
    targets: Numbers


def free(vocab: int) -> TokenAutomaton:
    """The one that allows every token always."""
    row = np.zeros(1, np.int32)
    return TokenAutomaton(row, row, row.astype(np.int16), np.zeros(vocab, np.int16), 1, 0)


def automaton_of(moves: Moves, distance: Numbers, class_of: Numbers, size: Size = OF_JOB) -> TokenAutomaton:
    """Of states 0, 1, ... , each with a move at least.

    Args:
        distance: [states] the fewest tokens to the end of a text.
        class_of: [vocab], the class of each token.

    Raises:
        SettingsError: it is larger than size.
    """
    classes = int(class_of.max()) + 1
    Meter(size.classes, "classes of tokens").spend(classes)
    Meter(size.entries, "moves").spend(len(moves.sources))
    begins = np.searchsorted(moves.sources, np.arange(len(distance) + 1))
    room = Meter(size.entries, "entries (moves of its states, and gaps between them)")
    starts = displacements(begins, moves.classes, classes, room)
    places = starts[moves.sources] + moves.classes
    length = int(starts.max()) + classes
    owners, targets = np.full(length, NOBODY, np.int32), np.zeros(length, np.int32)
    distances = np.zeros(length, np.int16)
    owners[places] = starts[moves.sources]
    targets[places] = starts[moves.targets]
    distances[places] = distance[moves.targets]
    return TokenAutomaton(owners, targets, distances, class_of.astype(np.int16), classes, int(distance[0]))
