"""A tile: 128 rows that are computed together, each for a request of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from textgen_core.decoding.constraints.automaton import TokenAutomaton
from textgen_core.decoding.pool import Placement
from textgen_core.decoding.programs import Kind, Programs
from textgen_core.decoding.request import Request
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
        self._positions = np.zeros(len(self._owners), int)

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

    @property
    def taken(self) -> list[int]:
        """Slots that requests are in."""
        return [slot for slot, owner in enumerate(self._owners) if owner is not None]

    @property
    def outgrown(self) -> list[int]:
        """Slots of requests for which the next chunk has no positions."""
        return [slot for slot in self.taken if not self._holds(self._positions[slot])]

    def fits(self, request: Request) -> bool:
        """Whether there are positions for its prompt and a chunk, or for all it may become."""
        length = len(request.tokens)
        return self._holds(length) or length + request.max_new_tokens <= self.kind.capacity

    def admit(self, placements: Sequence[Placement]) -> None:
        """Take in at most ``room`` requests, all from one pool."""
        requests = [placement.request for placement in placements]
        source = np.repeat(np.array([placement.row for placement in placements], np.int32), self.kind.strategy.group)
        fresh = self.kind.strategy.fresh(requests, self._vocabulary)
        trails = [Trail(request, self._tokenizer, self._vocabulary) for request in requests]
        self._enter(trails, [len(request.tokens) for request in requests], fresh, placements[0].pool.rows, source)

    def take(self, other: Tile, slots: Sequence[int]) -> None:
        """Take over the requests in some slots of another tile of the same strategy, at most ``room``."""
        if not slots:
            return
        assert other._carry is not None, "it has requests"
        trails = [trail for slot in slots if (trail := other._owners[slot]) is not None]
        self._enter(trails, other._positions[slots], {}, other._carry.rows, self._rows_of(slots))
        other._leave(slots)

    def _enter(
        self, trails: Sequence[Trail], positions: Any, fresh: dict[str, Any], pool: Rows, source: np.ndarray[Any, Any]
    ) -> None:
        """Put requests into free slots: what they have so far, how far they are, and their rows."""
        free = [slot for slot, owner in enumerate(self._owners) if owner is None][: len(trails)]
        slots = self._rows_of(free)
        self._carry = self._programs.admit(self.kind, self._carry, slots, fresh, pool, source)
        self._leaving[slots] = False
        self._positions[free] = positions
        for slot, trail in zip(free, trails, strict=True):
            self._owners[slot] = trail
        self._steer(free)

    def _leave(self, slots: Sequence[int]) -> None:
        for slot in slots:
            self._owners[slot] = None
        self._leaving[self._rows_of(slots)] = True

    def _rows_of(self, slots: Sequence[int]) -> np.ndarray[Any, Any]:
        group = self.kind.strategy.group
        return (np.array(slots)[:, None] * group + np.arange(group)).ravel().astype(np.int32)

    def _holds(self, length: int) -> bool:
        """Whether so many positions and a chunk more are within the capacity; a state that does not grow has 0."""
        return not self.kind.capacity or length + self._programs.chunk <= self.kind.capacity

    def _steer(self, fresh: Sequence[int]) -> None:
        """Bring the tables of the constraints of requests in fresh slots. Those of slots that are free stay: most
        often the next request has the same."""
        constraints = list(self._constraints)
        for slot in fresh:
            owner = self._owners[slot]
            constraints[slot] = None if owner is None else owner.request.constraint
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
        self._positions += self._programs.chunk
        self._leave([slot for slot, ended in enumerate(outcomes) if ended])
        return [outcome for ended in outcomes for outcome in ended]
