"""The tables that a tile's rows are steered by, in shapes that are the job's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from textgen_core.decoding.constraints.automaton import TokenAutomaton, free
from textgen_core.decoding.constraints.limits import OF_ROW, Size
from textgen_core.decoding.settings import TILE
from textgen_core.decoding.shapes import power_of_two
from textgen_core.tokenization.interface import PAD

Tables = dict[str, np.ndarray[Any, Any]]

JOINED = {"owners": np.int32, "targets": np.int32, "distances": np.int16}
"""The arrays of a TokenAutomaton that are laid one after the other."""


class Bank:
    """Lays automata into arrays. Their shapes follow from what a job may need, so that its programs are compiled once.

    Args:
        vocab: tokens that the model knows.
        own: the automata of the job itself, of any size.
        of_rows: whether rows may bring others, each of at most OF_ROW.
    """

    def __init__(self, vocab: int, own: Sequence[TokenAutomaton], of_rows: bool) -> None:
        self._shared = len(own) == 1 and not of_rows
        self._otherwise = own[0] if self._shared else free(vocab)
        self._vocab = vocab
        brought = Size(TILE * OF_ROW.entries, OF_ROW.classes) if of_rows else Size(0, 0)
        self._classes = power_of_two(max([brought.classes, *(automaton.classes for automaton in own)], default=1), 1)
        entries = power_of_two(1 + sum(len(automaton.owners) for automaton in own), 1)
        self._entries = entries + brought.entries + self._classes  # the last state, too, is read at full width

    def tables(self, automata: Sequence[TokenAutomaton | None]) -> Tables:
        """For the rows of a tile, None where anything goes; so it does in rows behind the last that is given. In a job
        with one constraint for all its rows, None is a row that nobody owns.

        Returns owners, targets [..] int32 and distances [..] int16, those of all automata one after the other; of each
        row class_of [TILE, vocab] int16 (of a job with one constraint [vocab]) and first [TILE] int32, where its
        automaton begins; columns [classes] int32.
        """
        joined = {name: np.zeros(self._entries, dtype) for name, dtype in JOINED.items()}
        class_of = np.zeros((TILE, self._vocab), np.int16)
        first = np.zeros(TILE, np.int32)
        begins: dict[int, int] = {}
        filled = 0
        for row, asked in enumerate([*automata, *[None] * (TILE - len(automata))]):
            automaton = asked or self._otherwise
            if id(automaton) not in begins:
                begins[id(automaton)] = filled
                end = filled + len(automaton.owners)
                for name, array in joined.items():
                    array[filled:end] = getattr(automaton, name)
                filled = end
            class_of[row] = automaton.class_of[PAD]  # so is what the model knows and the tokenizer doesn't
            class_of[row, : len(automaton.class_of)] = automaton.class_of
            first[row] = begins[id(automaton)]
        columns = np.arange(self._classes, dtype=np.int32)
        return {**joined, "class_of": class_of[0] if self._shared else class_of, "first": first, "columns": columns}
