"""A pool: up to a tile of prompts that were prefilled together, and the requests that will go on from them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from textgen_core.decoding.programs import Kind, Programs
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import TILE
from textgen_core.decoding.states import Rows

Fits = Callable[[Request], bool]
"""Whether there is a slot for a request, to which it is then promised."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A request and the row of the pool that its prompt is in."""

    pool: Pool
    row: int
    request: Request


@dataclass(slots=True)
class Prompted:
    """A prompt and all that is asked of it. capacity and bucket are its shapes; number, its place in the supply."""

    tokens: tuple[int, ...]
    capacity: int
    bucket: int
    requests: list[tuple[Kind, Request]]
    number: int = 0


class Pool:
    """The state after each prompt stays until the last of its requests has been placed. number: the first prompt's."""

    def __init__(self, prompts: Sequence[Prompted], programs: Programs) -> None:
        self.rows: Rows = _prefilled(prompts, programs)
        self.number = prompts[0].number
        self._waiting: dict[Kind, deque[Placement]] = {}
        for row, prompted in enumerate(prompts):
            for kind, request in prompted.requests:
                self._waiting.setdefault(kind, deque()).append(Placement(self, row, request))

    @property
    def kinds(self) -> list[Kind]:
        """Kinds of the requests that wait, in the order of the first of each."""
        return [kind for kind, waiting in self._waiting.items() if waiting]

    def take(self, kind: Kind, fits: Fits) -> list[Placement]:
        """The next requests of a kind, up to the first that does not fit."""
        waiting, taken = self._waiting.get(kind, deque()), []
        while waiting and fits(waiting[0].request):
            taken.append(waiting.popleft())
        return taken


def _prefilled(prompts: Sequence[Prompted], programs: Programs) -> Rows:
    """All rows of a tile are computed; those without a prompt read one PAD."""
    tokens = np.zeros((TILE, prompts[0].bucket), np.int32)
    lengths = np.ones(TILE, np.int32)
    for row, prompted in enumerate(prompts):
        tokens[row, : len(prompted.tokens)] = prompted.tokens
        lengths[row] = len(prompted.tokens)
    return programs.prefill(tokens, lengths)
