"""What the lanes take their work from: prompts waiting to be prefilled and pools waiting to be continued."""

from __future__ import annotations

import threading
from collections import deque

from textgen_core.decoding.pool import Fits, Placement, Pool, Prompted
from textgen_core.decoding.programs import Kind
from textgen_core.decoding.settings import TILE

WINDOW = 8 * TILE
"""Prompts held: enough that prompts of one shape fill a tile though other shapes come between them."""
PATIENCE = 4 * WINDOW
"""Prompts that may come after one and go before it, as those of a more frequent shape do. Work that was overtaken by
more is overdue: ladders of another kind run empty until it is taken, which costs little if it is seldom."""
MOST_WAITING = 128 * TILE
"""Requests held for prompts, before no more of them are taken in: some megabytes."""

Shape = tuple[int, int]
"""Capacity class and prompt bucket."""


class Supply:
    """Shared by all lanes; every method may be called from any thread."""

    def __init__(self, pools: int) -> None:
        self._limit = pools
        self._prompts: dict[Shape, deque[Prompted]] = {}
        self._pools: list[Pool] = []
        self._added = self._requests = self._prefilling = 0
        self._closed = self._abandoned = False
        self._changed = threading.Condition()

    def add(self, prompted: Prompted) -> None:
        """One more prompt."""
        with self._changed:
            prompted.number = self._added
            self._added += 1
            self._requests += len(prompted.requests)
            self._prompts.setdefault((prompted.capacity, prompted.bucket), deque()).append(prompted)
            self._changed.notify_all()

    def close(self) -> None:
        """No more prompts will come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def abandon(self) -> None:
        """Nobody wants the rest."""
        with self._changed:
            self._abandoned = True
            self._prompts.clear()
            self._pools.clear()
            self._changed.notify_all()

    @property
    def abandoned(self) -> bool:
        """Whether what lanes have begun is to be given up."""
        return self._abandoned

    @property
    def has_room(self) -> bool:
        """Whether more prompts may be added."""
        with self._changed:
            return self._wants_more()

    def place(self, kind: Kind, fits: Fits) -> list[Placement]:
        """Requests of a kind that fit, all from one pool, the oldest pool first; none while work of other kinds is
        overdue."""
        with self._changed:
            if self._waits_for_others(kind):
                return []
            for pool in self._in_order():
                if placements := pool.take(kind, fits):
                    if not pool.kinds:
                        self._pools.remove(pool)
                        self._changed.notify_all()
                    return placements
            return []

    def awaits(self, kind: Kind) -> bool:
        """Whether requests of a kind are ready to be placed, as soon as they fit."""
        with self._changed:
            return not self._waits_for_others(kind) and any(kind in pool.kinds for pool in self._pools)

    def prompts(self, kind: Kind) -> list[Prompted]:
        """Up to a tile of prompts to prefill, of one shape, with the capacity of a kind; none where there are pools
        enough or it is better to wait. Whoever gets some owes an ``open``."""
        with self._changed:
            return [] if self._waits_for_others(kind) else self._prompts_to_prefill(kind.capacity)

    def open(self, pool: Pool) -> None:
        """A pool is ready."""
        with self._changed:
            self._prefilling -= 1
            if not self._abandoned:
                self._pools.append(pool)
            self._changed.notify_all()

    def wait(self) -> Kind | list[Prompted] | None:
        """For a lane without a tile: a kind of requests to go on with, or prompts to prefill; None when all is done."""
        with self._changed:
            while not self._abandoned:
                if self._pools and not self._overdue_lines():
                    return self._in_order()[0].kinds[0]
                if prompts := self._prompts_to_prefill(None):
                    return prompts
                if self._closed and not self._prefilling and not self._held():
                    return None
                self._changed.wait()
            return None

    def _in_order(self) -> list[Pool]:
        return sorted(self._pools, key=lambda pool: pool.number)

    def _wants_more(self) -> bool:
        return self._held() < WINDOW and self._requests < MOST_WAITING

    def _held(self) -> int:
        return sum(map(len, self._prompts.values()))

    def _is_overdue(self, number: int) -> bool:
        return number < self._added - PATIENCE

    def _overdue_lines(self) -> list[Shape]:
        return [shape for shape, line in self._prompts.items() if line and self._is_overdue(line[0].number)]

    def _waits_for_others(self, kind: Kind) -> bool:
        """Whether anything is overdue that a ladder of this kind will not take."""
        pools = any(self._is_overdue(pool.number) and kind not in pool.kinds for pool in self._pools)
        return pools or any(capacity != kind.capacity for capacity, _ in self._overdue_lines())

    def _prompts_to_prefill(self, capacity: int | None) -> list[Prompted]:
        shapes = self._overdue_lines()
        if not shapes:
            if len(self._pools) + self._prefilling >= self._limit:
                return []
            full_enough = TILE if not self._closed and self._wants_more() else 1
            shapes = [shape for shape, line in self._prompts.items() if len(line) >= full_enough]
        lines = [self._prompts[shape] for shape in shapes if capacity in (None, shape[0])]
        if not lines:
            return []
        line = max(lines, key=len)
        self._prefilling += 1
        prompts = [line.popleft() for _ in range(min(TILE, len(line)))]
        self._requests -= sum(len(prompted.requests) for prompted in prompts)
        return prompts
