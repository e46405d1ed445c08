"""Tokens that lead to the same states from everywhere, found while moves come in batches that are not kept whole."""

from __future__ import annotations

from typing import Any

import numpy as np

from textgen_core.decoding.constraints.distances import spans
from textgen_core.decoding.constraints.limits import Meter
from textgen_core.decoding.constraints.pieces import Read

Numbers = np.ndarray[Any, Any]


class Classes:
    """Sorts pieces by their moves so far. Of each class the moves of one piece are kept."""

    def __init__(self, pieces: int, room: Meter) -> None:
        self._class_of = np.zeros(pieces, np.int64)
        self._room = room
        self._batches: list[tuple[Read, Numbers]] = []

    def add(self, moves: Read) -> None:
        """Further moves, from origins that had none so far.

        Raises:
            SettingsError: there are more different ones than there is room for.
        """
        order = np.argsort(moves.pieces, kind="stable")
        moves = Read(*(part[order] for part in moves))
        begins = np.searchsorted(moves.pieces, np.arange(len(self._class_of) + 1))
        one_of = self._refined(moves, begins)
        kept = np.unique(one_of)
        kept = spans(begins[kept], begins[kept + 1])
        self._room.spend(len(kept))
        self._batches.append((Read(*(part[kept] for part in moves)), one_of))

    def _refined(self, moves: Read, begins: Numbers) -> Numbers:
        """Tell pieces apart by further moves. For each piece, one of its class."""
        content = np.stack([moves.origins, moves.targets], axis=1).astype(np.int32).tobytes()
        places = (begins * 8).tolist()
        ones: dict[tuple[int, bytes], tuple[int, int]] = {}
        one_of = np.empty_like(self._class_of)
        for piece, before in enumerate(self._class_of.tolist()):
            key = before, content[places[piece] : places[piece + 1]]
            self._class_of[piece], one_of[piece] = ones.setdefault(key, (len(ones), piece))
        return one_of

    def moves(self) -> tuple[Read, Numbers]:
        """All moves, by classes in the place of pieces, and the class [pieces] of each piece."""
        _, ones = np.unique(self._class_of, return_index=True)
        parts = [_of_classes(moves, one_of[ones], self._room) for moves, one_of in self._batches]
        return Read(*map(np.concatenate, zip(*parts, strict=True))), self._class_of


def _of_classes(moves: Read, ones: Numbers, room: Meter) -> Read:
    """The moves of each class [classes]: those of its one piece."""
    begins, ends = np.searchsorted(moves.pieces, ones), np.searchsorted(moves.pieces, ones, side="right")
    room.spend(int((ends - begins).sum()))
    at = spans(begins, ends)
    return Read(moves.origins[at], np.repeat(np.arange(len(ones)), ends - begins), moves.targets[at])
