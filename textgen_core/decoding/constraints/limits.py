"""What compiling a constraint may cost. Counted, not clocked: the same constraint is refused on every machine."""

from __future__ import annotations

from dataclasses import dataclass

from textgen_core.errors import SettingsError

MOST_CHARACTERS = 1_000_000
"""Of a constraint's own text."""
MOST_NODES = 200_000
"""Of the automaton with empty moves: characters after all repeats are written out."""
MOST_STATES = 2**17 - 1
"""Of an automaton without choice."""
MOST_STEPS = 2_000_000
"""Moves looked at while it is made; some seconds."""
MOST_CELLS = 2**28
"""Of tables compared while it is made smaller; a second or two."""
MOST_WALKS = 2**26
"""Bytes of tokens read from its states; some seconds."""
MOST_TOKENS = 2**15 - 1
"""To the end of the shortest text from any state: what 16 bits hold."""


@dataclass(frozen=True, slots=True)
class Size:
    """Of the table of a compiled constraint: moves and the gaps between them, and classes of tokens, at most."""

    entries: int
    classes: int


OF_JOB = Size(2**22, 2**15 - 1)
"""40 MB; a class must fit into 16 bits."""
OF_ROW = Size(2**16, 2**10)
"""640 KB: each of a tile's 128 rows may bring another, and each may wait with some hundred others for its turn."""


class Meter:
    """Counts towards a limit."""

    def __init__(self, most: int, what: str) -> None:
        self._left = self._most = most
        self._what = what

    def spend(self, count: int = 1) -> None:
        """So many more.

        Raises:
            SettingsError: they are too many.
        """
        self._left -= count
        if self._left < 0:
            raise SettingsError(
                f"a constraint must compile within {self._most} {self._what}",
                "one that needs more",
                "Repeat less often, use narrower sets of characters such as [a-z], or offer fewer choices",
            )


class Budget:
    """What all automata of one constraint may take together."""

    def __init__(self) -> None:
        self.nodes = Meter(MOST_NODES, "nodes")
        self.states = Meter(MOST_STATES, "states")
        self.steps = Meter(MOST_STEPS, "steps")
        self.cells = Meter(MOST_CELLS, "cells of tables compared")
