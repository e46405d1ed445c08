"""A ladder: tiles of growing capacity. A row starts low and moves up as it grows.

Every step of a tile pays for all the positions it has room for, and most rows end long before their budget does. What a
row becomes does not depend on the tile it is in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from textgen_core.decoding.pool import Placement
from textgen_core.decoding.programs import Kind, Programs
from textgen_core.decoding.results import Outcome, Trail
from textgen_core.decoding.shapes import rungs
from textgen_core.decoding.tile import Tile
from textgen_core.decoding.vocabulary import Vocabulary
from textgen_core.tokenization.interface import Tokenizer


class Ladder:
    """The tiles of a lane for requests of one kind, whose capacity is the last tile's."""

    def __init__(self, programs: Programs, kind: Kind, tokenizer: Tokenizer, vocabulary: Vocabulary) -> None:
        self.kind = kind
        capacities = rungs(kind.capacity)
        self._tiles = [
            Tile(programs, replace(kind, capacity=capacity), tokenizer, vocabulary) for capacity in capacities
        ]

    @property
    def room(self) -> int:
        """Requests that could come in now, wherever they start."""
        return min(tile.room for tile in self._tiles)

    @property
    def busy(self) -> bool:
        """Whether any request is in it."""
        return bool(self.trails)

    @property
    def trails(self) -> list[Trail]:
        """What the requests in it have so far."""
        return [trail for tile in self._tiles for trail in tile.trails]

    def admit(self, placements: Sequence[Placement]) -> None:
        """Take in at most ``room`` requests, all from one pool."""
        starting: dict[Tile, list[Placement]] = {}
        for placement in placements:
            lowest = next(tile for tile in self._tiles if tile.fits(placement.request))
            starting.setdefault(lowest, []).append(placement)
        for tile, own in starting.items():
            tile.admit(own)

    def advance(self) -> list[Outcome]:
        """Compute a chunk of the fullest tile and let go of the requests that are over.

        Of equally full ones it is the largest: where rows can't move up, the tile above them is full, and goes first.
        """
        tile = max(self._tiles, key=lambda tile: (len(tile.trails), tile.kind.capacity))
        outcomes = tile.advance()
        for lower, upper in reversed(list(pairwise(self._tiles))):
            upper.take(lower, lower.outgrown[: upper.room])
        self._close_up()
        return outcomes

    def _close_up(self) -> None:
        """Bring all rows into the largest tile in use where it can hold them: a tile costs the same, full or not."""
        used = [tile for tile in self._tiles if tile.busy]
        if len(used) > 1 and sum(len(tile.trails) for tile in used[:-1]) <= used[-1].room:
            for tile in used[:-1]:
                used[-1].take(tile, tile.taken)
