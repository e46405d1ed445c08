"""What is told of a row besides its text, where a job asks: how sure the model was, what the sampler left of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from keras import ops

from textgen_core.decoding.loops import LoopDetector
from textgen_core.decoding.truncations.entropy import entropy

LOOP_LENGTH, LOOP_REPEATS = 64, 4
"""A row is in a loop when its last tokens, up to so many, have come so often in a row: a sentence, or less."""

MEANS = ("entropy", "candidates", "mass_cut")
LIKELY = ("likely", "likely_logprobs")
Leaves = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Of one continuation; each figure is a mean over its tokens, the END among them. None where nothing was chosen.

    Attributes:
        entropy: of the model's own distribution, in nats.
        candidates: tokens that processors, constraint and truncations left to choose from; of a greedy row 1.
        mass_cut: the model's own probability of all the others.
        alternatives: for each token the likeliest by the model itself, as (id, natural log-probability).
    """

    entropy: float | None
    candidates: float | None
    mass_cut: float | None
    alternatives: tuple[tuple[tuple[int, float], ...], ...]


@dataclass(frozen=True, slots=True)
class Measuring:
    """What a program measures at every step.

    Attributes:
        on: whether the means are told.
        alternatives: how many of the likeliest tokens are told.
    """

    on: bool = False
    alternatives: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Of all measures."""
        return (MEANS if self.on else ()) + (LIKELY if self.alternatives else ())

    def blank(self, rows: int, steps: int) -> Leaves:
        """Room for the measures of a chunk: [rows, steps], of alternatives [rows, steps, alternatives]."""
        shapes = dict.fromkeys(MEANS, (rows, steps)) | dict.fromkeys(LIKELY, (rows, steps, self.alternatives))
        return {name: ops.zeros(shapes[name], dtype="int32" if name == "likely" else None) for name in self.names}

    def of(self, own: Any, kept: Any) -> Leaves:
        """The measures of one step (in the graph).

        Args:
            own: [n, vocab] the model's own log-probabilities.
            kept: [n, vocab] bool, what there was to choose from.
        """
        leaves: Leaves = {}
        if self.on:
            left = ops.sum(ops.where(kept, ops.exp(own), ops.zeros_like(own)), axis=1)
            leaves["entropy"] = entropy(own)
            leaves["candidates"] = ops.sum(ops.cast(kept, "float32"), axis=1)
            leaves["mass_cut"] = ops.maximum(1 - left, 0.0)
        if self.alternatives:
            leaves["likely_logprobs"], leaves["likely"] = ops.top_k(own, self.alternatives)
        return leaves


UNMEASURED = Measuring()


def told(measures: Mapping[str, Sequence[np.ndarray[Any, Any]]]) -> Telemetry:
    """The telemetry of a row, from its measures token by token. Means are taken in float64."""
    tokens = {name: np.asarray(values) for name, values in measures.items()}
    means = {name: _mean(tokens[name]) if name in tokens else None for name in MEANS}
    pairs = zip(tokens.get("likely", ()), tokens.get("likely_logprobs", ()), strict=True)
    alternatives = tuple(tuple(zip(ids.tolist(), logprobs.tolist(), strict=True)) for ids, logprobs in pairs)
    return Telemetry(**means, alternatives=alternatives)


def _mean(values: np.ndarray[Any, Any]) -> float | None:
    return float(np.mean(values, dtype=np.float64)) if len(values) else None


def in_loop(tokens: Sequence[int]) -> bool:
    """Whether a continuation ends by saying the same again and again."""
    detector = LoopDetector(LOOP_LENGTH, LOOP_REPEATS)
    return [detector.completes(token) for token in tokens][-1:] == [True]
