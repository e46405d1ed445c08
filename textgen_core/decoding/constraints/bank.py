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


class Bank:
    """Lays automata into arrays. Their shapes follow from what a job may need, so that its programs are compiled once.

    Args:
        vocab: tokens that the model knows.
        own: the automata of the job itself, of any size.
        of_rows: whether rows may bring others, each of at most OF_ROW.
    """

    def __init__(self, vocab: int, own: Sequence[TokenAutomaton], of_rows: bool) -> None:
        self._free = free(vocab)
        self._vocab = vocab
        brought = Size(TILE * OF_ROW.entries, OF_ROW.classes) if of_rows else Size(0, 0)
        classes = max([brought.classes, *(automaton.entries.shape[1] for automaton in own)], default=1)
        entries = 1 + sum(automaton.entries.size for automaton in own)
        self._classes = power_of_two(classes, 1)
        self._entries = (
            power_of_two(entries, 1) + brought.entries + self._classes
        )  # the last state, too, is read at full width

    def tables(self, automata: Sequence[TokenAutomaton | None]) -> Tables:
        """For the rows of a tile, None where anything goes; so it does in rows behind the last that is given.

        Returns entries [..] int32, those of all automata one after the other; of each row class_of [TILE, vocab] int16,
        first [TILE] int32, where its entries begin, and classes [TILE] int32; columns, int32 [most classes].
        """
        entries = np.zeros(self._entries, np.int32)
        class_of = np.zeros((TILE, self._vocab), np.int16)
        first, classes = np.zeros(TILE, np.int32), np.ones(TILE, np.int32)
        begins: dict[int, int] = {}
        filled = 0
        for row, asked in enumerate([*automata, *[None] * (TILE - len(automata))]):
            automaton = asked or self._free
            if id(automaton) not in begins:
                begins[id(automaton)] = filled
                entries[filled : filled + automaton.entries.size] = automaton.entries.ravel()
                filled += automaton.entries.size
            class_of[row] = automaton.class_of[PAD]  # so is what the model knows and the tokenizer doesn't
            class_of[row, : len(automaton.class_of)] = automaton.class_of
            first[row], classes[row] = begins[id(automaton)], automaton.entries.shape[1]
        columns = np.arange(self._classes, dtype=np.int32)
        return {"entries": entries, "class_of": class_of, "first": first, "classes": classes, "columns": columns}
