"""The compiled programs of a model, made when first needed. Each has one shape, so each is compiled once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from keras import ops

from textgen_core.decoding.beam import Beam
from textgen_core.decoding.constraints.automaton import TokenAutomaton
from textgen_core.decoding.constraints.bank import Bank
from textgen_core.decoding.results import IDLE
from textgen_core.decoding.sampling import Sampling
from textgen_core.decoding.settings import TILE
from textgen_core.decoding.states import Rows, blank, gather, scatter
from textgen_core.decoding.stochastic_beam import StochasticBeam
from textgen_core.models.backend import compiled, on_device
from textgen_core.models.interface import LanguageModel

CHUNK = 16
"""Steps between two looks at a tile. Fewer would refill sooner and interrupt more; results don't depend on it."""


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

    def prefill(self, capacity: int, tokens: Any, lengths: Any) -> Rows:
        """Prompts [TILE, bucket] int32 of lengths [TILE] to ``logits`` and ``state`` after them."""

        def run(tokens: Any, lengths: Any) -> Rows:
            logits, state = self._model.prefill(tokens, lengths, self._model.init_state(TILE, capacity))
            return {"logits": ops.cast(logits, "float32"), "state": state}

        return self._program(("prefill", capacity, tokens.shape[1]), run)(tokens, lengths)

    def tables(self, constraints: Sequence[TokenAutomaton | None]) -> Rows:
        """What ``advance`` needs of the constraints of a tile's first rows; the others have none."""
        if self._bank is None:
            return {}
        with on_device(self._device):
            return {name: ops.convert_to_tensor(table) for name, table in self._bank.tables(constraints).items()}

    def advance(self, kind: Kind, carry: Rows, leave: Any, tables: Rows) -> tuple[Rows, Rows]:
        """A chunk of steps for a tile, after the rows in leave [TILE] bool have been given up: carry and report."""

        def step(tokens: Any, state: Rows) -> tuple[Any, Rows]:
            logits, after = self._model.step(tokens, state)
            return ops.cast(logits, "float32"), after

        def run(carry: Rows, leave: Any, tables: Rows) -> tuple[Rows, Rows]:
            carry = {**carry, "status": ops.where(leave, IDLE, carry["status"])}
            return kind.strategy.advance(step, carry, self._chunk, tables)

        result: tuple[Rows, Rows] = self._program(("advance", kind), run)(carry, leave, tables)
        return result

    def admit(self, carry: Rows | None, slots: Any, fresh: Rows, pool: Rows, source: Any) -> Rows:
        """A tile with new rows in slots [m]: fork row source[i] of a prefilled pool, carry fresh row i besides.

        Copies only, so it is not compiled and m may be any number.
        """
        new = {**fresh, **gather(pool, source)}
        return scatter(blank(new, TILE) if carry is None else carry, slots, new)

    @property
    def count(self) -> int:
        """Programs compiled so far."""
        return len(self._programs)

    @property
    def compile_seconds(self) -> float:
        """Time that their first runs took, compiling included."""
        return sum(program.first_seconds for program in self._programs.values())

    def _program(self, key: Hashable, run: Callable[..., Any]) -> Program:
        with self._lock:
            return self._programs.setdefault(key, Program(run, self._device))


class Program:
    """A compiled function. Its first call is made by one thread alone, the others wait for what it compiles."""

    def __init__(self, run: Callable[..., Any], device: str) -> None:
        self._device = device
        self._run = compiled(run)
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
