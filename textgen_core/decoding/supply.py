"""What the lanes take their work from: prompts waiting to be prefilled and pools waiting to be continued."""

from __future__ import annotations

import threading
from collections import deque

from textgen_core.decoding.pool import Placement, Pool, Prompted
from textgen_core.decoding.programs import Kind
from textgen_core.decoding.settings import TILE

WINDOW = 16 * TILE
"""Prompts held: enough that prompts of one shape fill a tile though other shapes come between them."""
MOST_REQUESTS = 256 * TILE
"""Requests held for them, before no more prompts are taken in: some megabytes."""

Shape = tuple[int, int]
"""Capacity class and prompt bucket."""


class Supply:
    """Shared by all lanes; every method may be called from any thread."""

    def __init__(self, pools: int) -> None:
        self._limit = pools
        self._prompts: dict[Shape, deque[Prompted]] = {}
        self._pools: list[Pool] = []
        self._requests = self._prefilling = 0
        self._closed = False
        self._changed = threading.Condition()

    def add(self, prompted: Prompted) -> None:
        """One more prompt."""
        with self._changed:
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
            self._prompts.clear()
            self._pools.clear()
            self._closed = True
            self._changed.notify_all()

    @property
    def has_room(self) -> bool:
        """Whether more prompts may be added."""
        with self._changed:
            return self._wants_more()

    def place(self, kind: Kind, most: int) -> list[Placement]:
        """Up to so many requests of a kind, all from one pool; the oldest pool first."""
        with self._changed:
            for pool in self._pools:
                if placements := pool.take(kind, most):
                    if not pool.kinds:
                        self._pools.remove(pool)
                        self._changed.notify_all()
                    return placements
            return []

    def prompts(self, capacity: int | None) -> list[Prompted]:
        """Up to a tile of prompts to prefill, of one shape, with that capacity unless it is None; none where there are
        pools enough or it is better to wait for more. Whoever gets some owes an ``open``."""
        with self._changed:
            return self._prompts_to_prefill(capacity)

    def open(self, pool: Pool) -> None:
        """A pool is ready."""
        with self._changed:
            self._pools.append(pool)
            self._prefilling -= 1
            self._changed.notify_all()

    def wait(self) -> Kind | list[Prompted] | None:
        """For a lane without a tile: a kind of requests to go on with, or prompts to prefill; None when all is done."""
        with self._changed:
            while True:
                if self._pools:
                    return self._pools[0].kinds[0]
                if prompts := self._prompts_to_prefill(None):
                    return prompts
                if self._closed and not self._prefilling and not self._held():
                    return None
                self._changed.wait()

    def _wants_more(self) -> bool:
        return self._held() < WINDOW and self._requests < MOST_REQUESTS

    def _held(self) -> int:
        return sum(map(len, self._prompts.values()))

    def _prompts_to_prefill(self, capacity: int | None) -> list[Prompted]:
        if len(self._pools) + self._prefilling >= self._limit:
            return []
        full_enough = TILE if not self._closed and self._wants_more() else 1
        lines = [
            line for shape, line in self._prompts.items() if len(line) >= full_enough and capacity in (None, shape[0])
        ]
        if not lines:
            return []
        line = max(lines, key=len)
        self._prefilling += 1
        prompts = [line.popleft() for _ in range(min(TILE, len(line)))]
        self._requests -= sum(len(prompted.requests) for prompted in prompts)
        return prompts
