"""The learning rate over the steps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops


@dataclass(frozen=True)
class WarmupCosine:
    """A linear rise to the highest rate, then half a cosine down (Loshchilov & Hutter 2017)."""

    highest: float
    warmup: int
    steps: int
    final: float
    """Share of the highest rate at which it ends."""

    def __call__(self, step: int) -> float:
        """The rate of the update that makes step step + 1."""
        if step < self.warmup:
            return self.highest * (step + 1) / (self.warmup + 1)
        through = min(1.0, (step - self.warmup) / max(1, self.steps - self.warmup))
        return self.highest * (self.final + (1 - self.final) * 0.5 * (1 + math.cos(math.pi * through)))


class KerasSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """A WarmupCosine inside a compiled step."""

    def __init__(self, schedule: WarmupCosine) -> None:
        self._schedule = schedule

    def __call__(self, step: Any) -> Any:
        """The rate as a tensor; step counts from 0."""
        own, step = self._schedule, ops.cast(step, "float32")
        rising = (step + 1) / (own.warmup + 1)
        through = ops.clip((step - own.warmup) / max(1, own.steps - own.warmup), 0.0, 1.0)
        falling = own.final + (1 - own.final) * 0.5 * (1 + ops.cos(math.pi * through))
        return own.highest * ops.where(step < own.warmup, rising, falling)
