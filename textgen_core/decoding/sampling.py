"""Greedy decoding and sampling: one strategy, whose rows differ in their knobs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from keras import ops

from textgen_core.decoding.choosing import UNPROCESSED, choose
from textgen_core.decoding.constraints.steering import CONSTRAINT, moved, permitted
from textgen_core.decoding.noise import row_key
from textgen_core.decoding.processing import Processing, processors_of
from textgen_core.decoding.request import Request
from textgen_core.decoding.results import ENDED, EXHAUSTED, RUNNING, UNSOUND, Outcome, Trail
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.decoding.states import Rows, Step
from textgen_core.decoding.telemetry import UNMEASURED, Measuring
from textgen_core.decoding.truncations import TRUNCATIONS
from textgen_core.decoding.vocabulary import Vocabulary
from textgen_core.tokenization.interface import END, PAD


def features_of(sampler: SamplerSettings) -> frozenset[str]:
    """What a program must be able to do for this sampler: draw, and the truncations and processors that are on."""
    if not sampler.draws:
        return processors_of(sampler)
    on = {name for name, truncation in TRUNCATIONS.items() if _knob(sampler, name) != truncation.off}
    return frozenset({"draw", *on}) | processors_of(sampler)


def in_order(features: frozenset[str], sampler: SamplerSettings) -> tuple[str, ...]:
    """Features as a program names them: the draw, and the truncations in the order that the sampler asks for."""
    return tuple(name for name in ("draw", *sampler.steps) if name in features)


def knobs_of(samplers: Sequence[SamplerSettings], features: Iterable[str]) -> dict[str, np.ndarray[Any, Any]]:
    """The knobs [n] of those truncations that features name; off where a sampler doesn't draw."""
    leaves: dict[str, np.ndarray[Any, Any]] = {}
    for name, truncation in TRUNCATIONS.items():
        if name in features:
            knobs = [
                max(_knob(sampler, name), truncation.least) if sampler.draws else truncation.off for sampler in samplers
            ]
            with np.errstate(over="ignore"):  # what float32 can't hold is infinite: no bound
                leaves[name] = np.array(knobs, truncation.dtype)
            if truncation.chance is not None:
                chances = [getattr(sampler, truncation.chance) for sampler in samplers]
                leaves[truncation.chance] = np.array(chances, np.float32)
    return leaves


def _knob(sampler: SamplerSettings, name: str) -> float:
    value = getattr(sampler, name)
    return TRUNCATIONS[name].off if value is None else value


@dataclass(frozen=True, slots=True)
class Sampling:
    """A row is a sample. features, processing and measuring are those of the whole job, so that no row's program
    depends on its neighbours; the truncations stand in the order that the row's sampler asks for."""

    features: tuple[str, ...]
    processing: Processing = UNPROCESSED
    measuring: Measuring = UNMEASURED

    @property
    def group(self) -> int:
        """Rows a request owns."""
        return 1

    def fresh(self, requests: Sequence[Request], vocabulary: Vocabulary) -> dict[str, np.ndarray[Any, Any]]:
        """What the rows of requests carry when they begin."""
        leaves: dict[str, Any] = {
            "status": np.full(len(requests), RUNNING, np.int32),
            "drawn": np.zeros(len(requests), np.int32),
            "budget": np.array([request.max_new_tokens for request in requests], np.int32),
            **self.processing.fresh(requests, vocabulary),
        }
        if CONSTRAINT in self.features:
            leaves[CONSTRAINT] = np.zeros(len(requests), np.int32)
        if "draw" not in self.features:
            return leaves
        greedy = [not request.sampler.draws for request in requests]
        leaves["greedy"] = np.array(greedy)
        leaves["key"] = np.stack([row_key(r.seed, r.key, r.sample_index) for r in requests])
        return leaves | knobs_of([request.sampler for request in requests], self.features)

    def advance(self, step: Step, carry: Rows, steps: int, tables: Rows) -> tuple[Rows, Rows]:
        """Up to steps tokens more for every running row (in the graph). tables are those of constraints.

        Returns the carry and a report: tokens, logprobs and measures [n, steps, ..], gained [n] (how many of them
        count), status [n].
        """
        rows = carry["status"].shape[0]
        began = carry["drawn"]
        blank = {"tokens": ops.full((rows, steps), PAD, dtype="int32"), "logprobs": ops.zeros((rows, steps))}
        blank |= self.measuring.blank(rows, steps)

        def running(i: Any, carry: Rows, report: Rows) -> Any:
            return ops.any(carry["status"] == RUNNING) & (i < steps)

        def extend(i: Any, carry: Rows, report: Rows) -> tuple[Any, Rows, Rows]:
            noted, carry = self._one_token(carry, tables)
            report = {name: _at_step(i, noted[name], leaf) for name, leaf in report.items()}
            logits, state = step(noted["tokens"], carry["state"])
            return i + 1, {**carry, "logits": logits, "state": state}, report

        start = ops.convert_to_tensor(0, dtype="int32")
        _, carry, report = ops.while_loop(running, extend, (start, carry, blank))
        return carry, {**report, "gained": carry["drawn"] - began, "status": carry["status"]}

    def _one_token(self, carry: Rows, tables: Rows) -> tuple[Rows, Rows]:
        """What is reported of one more token of every row, and the carry after it."""
        permits = None
        if CONSTRAINT in self.features:
            permits = permitted(tables, carry[CONSTRAINT], carry["budget"] - carry["drawn"])
        choice = choose(carry["logits"], carry, self.features, self.processing, permits)
        running = carry["status"] == RUNNING
        accepted = running & choice.sound
        token = ops.where(accepted, choice.token, PAD)
        drawn = carry["drawn"] + ops.cast(accepted, "int32")
        status = ops.where(running & ~choice.sound, UNSOUND, carry["status"])
        status = ops.where(accepted & (drawn >= carry["budget"]), EXHAUSTED, status)
        status = ops.where(accepted & (token == END), ENDED, status)
        carry = {**carry, **self.processing.grown(carry, token), "drawn": drawn, "status": status}
        if CONSTRAINT in self.features:
            carry[CONSTRAINT] = moved(tables, carry[CONSTRAINT], token)
        return {"tokens": token, "logprobs": choice.logprob, **self.measuring.of(choice.own, choice.kept)}, carry

    def read(self, report: Rows, owners: Sequence[Trail | None]) -> list[list[Outcome]]:
        """The outcome of each row that is over."""
        leaves = {name: np.asarray(leaf) for name, leaf in report.items()}
        return [[] if owner is None else self._outcomes(leaves, row, owner) for row, owner in enumerate(owners)]

    def _outcomes(self, leaves: dict[str, Any], row: int, owner: Trail) -> list[Outcome]:
        gained, status = leaves["gained"][row], int(leaves["status"][row])
        measures = {name: leaves[name][row, :gained] for name in self.measuring.names}
        stopped = owner.extend(leaves["tokens"][row, :gained], leaves["logprobs"][row, :gained], measures)
        return [owner.outcome(status)] if stopped or status != RUNNING else []


def _at_step(i: Any, value: Any, leaf: Any) -> Any:
    """leaf [n, steps, ..] with value [n, ..] at step i."""
    here = ops.reshape(ops.arange(leaf.shape[1]) == i, (1, -1) + (1,) * (len(leaf.shape) - 2))
    return ops.where(here, ops.expand_dims(value, 1), leaf)
