"""The compiled programs of a model, made when first needed. Each has one shape, so each is compiled once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from textgen_core.decoding.beam import Beam
from textgen_core.decoding.constraints.automaton import TokenAutomaton
from textgen_core.decoding.constraints.bank import Bank
from textgen_core.decoding.results import IDLE
from textgen_core.decoding.sampling import Sampling
from textgen_core.decoding.settings import TILE
from textgen_core.decoding.states import Rows, gather, put
from textgen_core.decoding.stochastic_beam import StochasticBeam
from textgen_core.models.backend import compiled, on_device
from textgen_core.models.in_place import InPlace, updating
from textgen_core.models.interface import LanguageModel, Step

CHUNK = 8
"""Steps between two looks at a tile. Fewer would refill sooner and interrupt more; results don't depend on it."""

ADMITTED = 8
"""Rows that come into a tile at once: about as many as leave one in a chunk."""


PAYS = 4
"""Times that work takes what compiling has taken, before programs that save a quarter of the work are worth theirs:
there may be as much work to come as there was."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the rows of a tile have in common: positions of their state, and strategy."""

    capacity: int
    strategy: Sampling | Beam | StochasticBeam


class Programs:
    """Prefilling, admitting and advancing, for one model. Safe to share between lanes.

    bank is None where no row has a constraint.
    """

    def __init__(self, model: LanguageModel, device: str, chunk: int, bank: Bank | None = None) -> None:
        self._model = model
        self._device = device
        self._chunk = chunk
        self._bank = bank
        self._programs: dict[Hashable, Program] = {}
        self._lock = threading.Lock()
        self._worked = 0.0

    def prefill(self, tokens: Any, lengths: Any) -> Rows:
        """Prompts [TILE, bucket] int32 of lengths [TILE] to ``logits`` and ``state`` after them."""
        bucket = tokens.shape[1]

        def run(tokens: Any, lengths: Any) -> Rows:
            logits, state = self._model.prefill(tokens, lengths, self._model.init_state(TILE, bucket))
            return {"logits": ops.cast(logits, "float32"), "state": state}

        return self._program(("prefill", bucket), lambda: compiled(run))(tokens, lengths)

    def tables(self, constraints: Sequence[TokenAutomaton | None]) -> Rows:
        """What ``advance`` needs of the constraints of a tile's first rows; the others have none."""
        if self._bank is None:
            return {}
        with on_device(self._device):
            return {name: ops.convert_to_tensor(table) for name, table in self._bank.tables(constraints).items()}

    def advance(self, kind: Kind, carry: InPlace, leave: Any, tables: Rows) -> Rows:
        """A chunk of steps for a tile, after the rows in leave [TILE] bool have been given up: the report."""

        def run(carry: Rows, leave: Any, tables: Rows) -> tuple[Rows, Rows]:
            carry = {**carry, "status": ops.where(leave, IDLE, carry["status"])}
            return kind.strategy.advance(_whole(self._model.stepper()), carry, self._chunk, tables)

        return carry.update(self._program(("advance", kind), lambda: updating(run)), leave, tables)

    @property
    def chunk(self) -> int:
        """Steps that ``advance`` makes."""
        return self._chunk

    def admit(self, kind: Kind, carry: InPlace | None, slots: Any, fresh: Rows, pool: Rows, source: Any) -> InPlace:
        """A tile with new rows in slots [m]: fork row source[i] of a pool, carry fresh row i besides.

        The pool is one of prefilled prompts, or the rows of another tile, which carry all that they need.
        """

        def run(tile: Rows, slots: Any, fresh: Rows, pool: Rows, source: Any) -> tuple[Rows, None]:
            return put(tile, slots, {**fresh, **gather(pool, source)}), None

        with on_device(self._device):
            tile = self._blank(kind, {**pool, **fresh}) if carry is None else carry
        shapes = tuple(leaf.shape for leaf in keras.tree.flatten(pool))
        program = self._program(("admit", kind, shapes), lambda: updating(run))
        for first in range(0, len(slots), ADMITTED):
            some = np.arange(first, first + ADMITTED) % len(slots)  # those that come round again go nowhere
            places = np.where(np.arange(first, first + ADMITTED) < len(slots), slots[some], TILE).astype(np.int32)
            tile.update(program, places, {name: leaf[some] for name, leaf in fresh.items()}, pool, source[some])
        return tile

    def _blank(self, kind: Kind, like: Rows) -> InPlace:
        """A tile of no rows, which carries what rows like those do, with room for the positions of its kind."""
        blank = {n: ops.zeros((TILE, *leaf.shape[1:]), leaf.dtype) for n, leaf in like.items() if n != "state"}
        return InPlace({**blank, "state": self._model.init_state(TILE, kind.capacity)})

    @property
    def count(self) -> int:
        """Programs compiled so far."""
        return len(self._programs)

    @property
    def compile_seconds(self) -> float:
        """Time that their first runs took, compiling included."""
        with self._lock:
            return sum(program.first_seconds for program in self._programs.values())

    def worked(self, seconds: float) -> None:
        """So much time of a lane went into steps, compiling left out."""
        with self._lock:
            self._worked += seconds

    @property
    def may_compile(self) -> bool:
        """Whether a program that is not indispensable may be compiled: by the work so far it would pay."""
        return self._worked > PAYS * self.compile_seconds

    def _program(self, key: Hashable, make: Callable[[], Callable[..., Any]]) -> Program:
        with self._lock:
            if key not in self._programs:
                self._programs[key] = Program(make(), self._device)
            return self._programs[key]


def _whole(step: Step) -> Step:
    """The step with logits in float32, whatever the model computes in."""

    def whole(tokens: Any, state: Rows) -> tuple[Any, Rows]:
        logits, after = step(tokens, state)
        return ops.cast(logits, "float32"), after

    return whole


class Program:
    """A compiled function. Its first call is made by one thread alone, the others wait for what it compiles."""

    def __init__(self, run: Callable[..., Any], device: str) -> None:
        self._device = device
        self._run = run
        self._lock = threading.Lock()
        self.first_seconds = 0.0

    def __call__(self, *arguments: Any) -> Any:
        """Run it."""
        with on_device(self._device):
            return self._call(*arguments)

    def _call(self, *arguments: Any) -> Any:
        if self.first_seconds:
            return self._run(*arguments)
        with self._lock:
            began = time.monotonic()
            result = self._run(*arguments)
            self.first_seconds = self.first_seconds or time.monotonic() - began
            return result
