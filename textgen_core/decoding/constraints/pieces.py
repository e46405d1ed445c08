"""The pieces of bytes that a tokenizer's tokens stand for, as a tree, and where an automaton gets by reading them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from textgen_core.decoding.constraints.dfa import DFA
from textgen_core.decoding.constraints.distances import spans
from textgen_core.decoding.constraints.limits import Meter
from textgen_core.tokenization.interface import Tokenizer

Numbers = np.ndarray[Any, Any]

NO_PIECE = -1


class Read(NamedTuple):
    """That reading a piece from an origin leads to a target; all [moves], by origin. Origins count those asked for."""

    origins: Numbers
    pieces: Numbers
    targets: Numbers


class Pieces:
    """Of every token that says something for certain: not PAD, END or the unknown token.

    Attributes:
        piece_of: [vocab] int32, the piece of each token; NO_PIECE where it has none. Several may have the same.
        count: how many pieces there are.
        bytes: of the tree: bytes of all pieces, beginnings that they share counted once.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        spelt = [b"" if id == tokenizer.unknown_id else piece for id, piece in enumerate(tokenizer.pieces)]
        numbers = {piece: number for number, piece in enumerate(sorted({*spelt} - {b""}))}
        self.piece_of = np.array([numbers.get(piece, NO_PIECE) for piece in spelt], np.int32)
        self.count = len(numbers)
        self._lay_out(list(numbers))
        self.bytes = len(self._bytes)

    def _lay_out(self, pieces: list[bytes]) -> None:
        """The arcs of the tree: their bytes, what piece is over behind each, and the span of the arcs behind it.

        Arcs are numbered as their beginnings come, the short ones first, so that those from one node are neighbours.
        """
        beginnings = sorted({piece[:end] for piece in pieces for end in range(1, len(piece) + 1)}, key=_short_first)
        place = {beginning: arc for arc, beginning in enumerate(beginnings)}
        self._bytes = np.array([beginning[-1] for beginning in beginnings], np.int16)
        self._over = np.full(len(beginnings), NO_PIECE, np.int32)
        self._over[[place[piece] for piece in pieces]] = np.arange(len(pieces))
        before = np.array([place.get(beginning[:-1], -1) for beginning in beginnings])
        self._begins = np.searchsorted(before, np.arange(-1, len(beginnings) + 1))

    def read(self, dfa: DFA, states: Numbers, walks: Meter) -> Read:
        """From each of these states.

        Raises:
            SettingsError: more bytes are read than walks allow.
        """
        origins, nodes = np.arange(len(states), dtype=np.int32), np.zeros(len(states), np.int32)
        states = states.astype(np.int32)
        found: list[Read] = []
        while len(nodes):
            begins, ends = self._begins[nodes], self._begins[nodes + 1]
            walks.spend(int((ends - begins).sum()))
            arcs = spans(begins, ends)
            states = dfa.moves[np.repeat(states, ends - begins), dfa.kind_of[self._bytes[arcs]]]
            alive = states != dfa.dead
            origins, states, arcs = np.repeat(origins, ends - begins)[alive], states[alive], arcs[alive]
            over = self._over[arcs]
            here = over != NO_PIECE
            found.append(Read(origins[here], over[here], states[here]))
            nodes = arcs + 1
        joined = Read(*map(np.concatenate, zip(*found, strict=True)))
        order = np.argsort(joined.origins, kind="stable")
        return Read(*(part[order] for part in joined))


def _short_first(beginning: bytes) -> tuple[int, bytes]:
    return len(beginning), beginning
