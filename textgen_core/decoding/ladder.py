"""A ladder: tiles of growing capacity. A row starts low and moves up as it grows.

Every step of a tile pays for all the positions it has room for, and most rows end long before their budget does. What a
row becomes does not depend on the tile it is in.

Each tile below the last costs programs of its own, which a small job would not earn back: so a ladder begins with its
last tile, and gets the next lower one whenever by the work so far it would pay.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from textgen_core.decoding.pool import Fits, Placement
from textgen_core.decoding.programs import Kind, Programs
from textgen_core.decoding.request import Request
from textgen_core.decoding.results import Outcome, Trail
from textgen_core.decoding.shapes import rungs
from textgen_core.decoding.tile import Tile
from textgen_core.decoding.vocabulary import Vocabulary
from textgen_core.tokenization.interface import Tokenizer

PATIENCE = 64
"""Chunks after which a tile with rows goes next, however few they are: else rare long ones would wait for as many of
their kind as fill a tile."""


class Ladder:
    """The tiles of a lane for requests of one kind, whose capacity is the last tile's."""

    def __init__(self, programs: Programs, kind: Kind, tokenizer: Tokenizer, vocabulary: Vocabulary) -> None:
        self.kind = kind
        self._programs, self._tokenizer, self._vocabulary = programs, tokenizer, vocabulary
        *self._lower, last = rungs(kind.capacity)
        self._tiles = [self._tile(last)]
        self._waited: Counter[Tile] = Counter()

    def _tile(self, capacity: int) -> Tile:
        return Tile(self._programs, replace(self.kind, capacity=capacity), self._tokenizer, self._vocabulary)

    @property
    def has_room(self) -> bool:
        """Whether any request could come in now."""
        return any(tile.room for tile in self._tiles)

    @property
    def busy(self) -> bool:
        """Whether any request is in it."""
        return bool(self.trails)

    @property
    def trails(self) -> list[Trail]:
        """What the requests in it have so far."""
        return [trail for tile in self._tiles for trail in tile.trails]

    def fitting(self) -> Fits:
        """For one intake: whether there is a slot left where a request would start."""
        left = {tile: tile.room for tile in self._tiles}

        def fits(request: Request) -> bool:
            start = self._start(request)
            left[start] -= 1
            return left[start] >= 0

        return fits

    def admit(self, placements: Sequence[Placement]) -> None:
        """Take in requests that were fitting, all from one pool."""
        starting: dict[Tile, list[Placement]] = {}
        for placement in placements:
            starting.setdefault(self._start(placement.request), []).append(placement)
        for tile, own in starting.items():
            tile.admit(own)

    def _start(self, request: Request) -> Tile:
        return next(tile for tile in self._tiles if tile.fits(request))

    def advance(self) -> list[Outcome]:
        """Compute a chunk of one tile and let go of the requests that are over."""
        outcomes = self._timed(self._next())
        for lower, upper in reversed(list(pairwise(self._tiles))):
            upper.take(lower, lower.outgrown[: upper.room])
        if self._lower and self._programs.may_compile:
            self._tiles.insert(0, self._tile(self._lower.pop()))
        return outcomes

    def _next(self) -> Tile:
        """The fullest tile, of equally full ones the largest; or one that has waited too long.

        A tile with rows that have outgrown it waits, for the tile above it is full.
        """
        ready = [tile for tile in self._tiles if tile.busy and (tile is self._tiles[-1] or not tile.outgrown)]
        self._waited.update(ready)
        tile = max(ready, key=lambda tile: (self._waited[tile] > PATIENCE, len(tile.trails), tile.kind.capacity))
        self._waited[tile] = 0
        return tile

    def _timed(self, tile: Tile) -> list[Outcome]:
        began, compiling = time.monotonic(), self._programs.compile_seconds
        outcomes = tile.advance()
        compiling = self._programs.compile_seconds - compiling
        self._programs.worked(max(0.0, time.monotonic() - began - compiling))
        return outcomes

    def close_up(self) -> None:
        """Bring all rows into the largest tile in use where it can hold them: a tile costs the same, full or not.

        Only when no more requests come: new ones would start where most of them need not be.
        """
        used = [tile for tile in self._tiles if tile.busy]
        if len(used) > 1 and sum(len(tile.trails) for tile in used[:-1]) <= used[-1].room:
            for tile in used[:-1]:
                used[-1].take(tile, tile.taken)
