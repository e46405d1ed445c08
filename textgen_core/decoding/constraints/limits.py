"""What compiling a constraint may cost. Counted, not clocked: the same constraint is refused on every machine."""

from __future__ import annotations

from dataclasses import dataclass

from textgen_core.errors import SettingsError

MOST_CHARACTERS = 1_000_000
"""Of a constraint's own text."""
MOST_NODES = 100_000
"""Of the automaton with empty moves: characters after all repeats are written out."""
MOST_STATES = 2**15 - 1
"""Of an automaton without choice; a state and a distance must fit into 31 bits."""
MOST_STEPS = 2_000_000
"""Moves looked at while it is made; some seconds."""
MOST_WALKS = 2**27
"""States times tokens; some seconds, too."""


@dataclass(frozen=True, slots=True)
class Size:
    """Of the table of a compiled constraint: states times classes of tokens, and classes, at most."""

    entries: int
    classes: int


OF_JOB = Size(2**22, 2**15 - 1)
"""16 MB; a class must fit into 16 bits."""
OF_ROW = Size(2**17, 2**10)
"""512 KB: each of a tile's 64 rows may bring another, and each may wait with some hundred others for its turn."""


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
