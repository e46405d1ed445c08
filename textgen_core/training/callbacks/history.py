"""Counts steps and time, and writes the training rows of history."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from textgen_core.training.bits import BitsPerChar
from textgen_core.training.run import Run

POINTS = 1000
"""Training rows in all, about: a curve needs no more, however long the training."""


class HistoryRecorder(keras.callbacks.Callback):
    """A row every few steps, its loss the mean over them, each by its weight.

    Args:
        tokens_per_step: tokens in a batch.
        steps: steps in all.
        rate: the learning rate by step.
        bits: nats a token to bits a character, by split.
    """

    def __init__(
        self,
        run: Run,
        tokens_per_step: int,
        steps: int,
        rate: Callable[[int], float],
        bits: Mapping[str, BitsPerChar],
    ) -> None:
        super().__init__()
        self._run, self._tokens, self._steps, self._rate, self._bits = run, tokens_per_step, steps, rate, bits
        self._every = max(1, steps // POINTS)
        self._clock: float | None = None
        self._began = 0.0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Start the clock where the earlier attempts stopped."""
        self._clock = time.monotonic()

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Start the clock of one step."""
        self._began = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Count the step, and add a row if one is due."""
        run, now = self._run, time.monotonic()
        if batch > 0:  # the first one of every attempt compiles, where ``Compilation`` has not done so before
            run.stepping += now - self._began
            run.stepped += 1
        run.step += 1
        run.losses.append(float((logs or {})["loss"]))
        run.weights.append(float((logs or {})["weight"]))
        if run.step % self._every == 0 or run.step == self._steps:
            self.close()

    def close(self) -> None:
        """Add the row of the steps since the last one, if there were any."""
        losses, weights = self._run.losses, self._run.weights
        if losses:
            self.add("train", float(np.average(losses, weights=weights)))
            losses.clear()
            weights.clear()

    def add(self, split: str, loss: float) -> None:
        """Add a row for the present step."""
        self.tick()
        bits = self._bits.get(split)
        self._run.history.append(
            {
                "step": self._run.step,
                "tokens_seen": self._run.step * self._tokens,
                "seconds": round(self._run.seconds, 3),
                "split": split,
                "loss": loss,
                "bits_per_char": bits(loss) if bits else None,
                "learning_rate": self._rate(self._run.step - 1),
            }
        )

    def tick(self) -> None:
        """Bring the training time up to now."""
        now = time.monotonic()
        if self._clock is not None:
            self._run.seconds += now - self._clock
        self._clock = now
