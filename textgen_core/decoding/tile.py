"""A tile: 64 rows that are computed together, each for a request of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from textgen_core.decoding.constraints.automaton import TokenAutomaton
from textgen_core.decoding.pool import Placement
from textgen_core.decoding.programs import Kind, Programs
from textgen_core.decoding.results import Outcome, Trail
from textgen_core.decoding.settings import TILE
from textgen_core.decoding.states import Rows
from textgen_core.decoding.vocabulary import Vocabulary
from textgen_core.models.in_place import InPlace
from textgen_core.tokenization.interface import Tokenizer


class Tile:
    """Owns its slots. Rows come in when others have left, at the borders of chunks."""

    def __init__(self, programs: Programs, kind: Kind, tokenizer: Tokenizer, vocabulary: Vocabulary) -> None:
        self.kind = kind
        self._programs = programs
        self._tokenizer = tokenizer
        self._vocabulary = vocabulary
        self._carry: InPlace | None = None
        self._owners: list[Trail | None] = [None] * (TILE // kind.strategy.group)
        self._constraints: list[TokenAutomaton | None] = [None] * len(self._owners)
        self._tables: Rows | None = None
        self._leaving = np.zeros(TILE, bool)

    @property
    def room(self) -> int:
        """Requests that could come in now."""
        return self._owners.count(None)

    @property
    def busy(self) -> bool:
        """Whether any request is in it."""
        return bool(self.trails)

    @property
    def trails(self) -> list[Trail]:
        """What the requests in it have so far."""
        return [owner for owner in self._owners if owner is not None]

    def admit(self, placements: Sequence[Placement]) -> None:
        """Take in at most ``room`` requests, all from one pool."""
        free = [slot for slot, owner in enumerate(self._owners) if owner is None][: len(placements)]
        group = self.kind.strategy.group
        slots = np.concatenate([np.arange(group) + slot * group for slot in free]).astype(np.int32)
        source = np.repeat(np.array([placement.row for placement in placements], np.int32), group)
        fresh = self.kind.strategy.fresh([placement.request for placement in placements], self._vocabulary)
        self._carry = self._programs.admit(self.kind, self._carry, slots, fresh, placements[0].pool.rows, source)
        self._leaving[slots] = False
        for slot, placement in zip(free, placements, strict=True):
            self._owners[slot] = Trail(placement.request, self._tokenizer, self._vocabulary)
        self._steer(dict(zip(free, placements, strict=True)))

    def _steer(self, fresh: dict[int, Placement]) -> None:
        """Bring the tables of the constraints of fresh placements by slot. Those of slots that are free stay: most
        often the next request has the same."""
        constraints = list(self._constraints)
        for slot, placement in fresh.items():
            constraints[slot] = placement.request.constraint
        if self._tables is None or constraints != self._constraints:
            self._constraints = constraints
            group = self.kind.strategy.group
            self._tables = self._programs.tables([constraint for constraint in constraints for _ in range(group)])

    def advance(self) -> list[Outcome]:
        """Compute a chunk and let go of the requests that are over."""
        assert self._carry is not None, "admit before advance"
        report = self._programs.advance(self.kind, self._carry, self._leaving, self._tables)
        self._leaving = np.zeros(TILE, bool)
        outcomes = self.kind.strategy.read(report, self._owners)
        group = self.kind.strategy.group
        for slot, ended in enumerate(outcomes):
            if ended:
                self._owners[slot] = None
                self._leaving[slot * group : (slot + 1) * group] = True
        return [outcome for ended in outcomes for outcome in ended]
