"""Tells the terminal and the Prefect UI, and TensorBoard, how it goes."""

from __future__ import annotations

import time
from typing import Any

import keras

from textgen_core.progress import Progress, Update
from textgen_core.training.run import Run
from textgen_core.training.tensorboard import EventLog

INTERVAL = 0.25  # seconds between updates: faster than the eye follows is wasted


class ProgressReport(keras.callbacks.Callback):
    """Step, losses and tokens a second."""

    def __init__(self, run: Run, steps: int, tokens_per_step: int, progress: Progress) -> None:
        super().__init__()
        self._run, self._steps, self._tokens, self._progress = run, steps, tokens_per_step, progress
        self._told_at = 0.0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """The first steps compile: silence would look like a hang, and as a part of training it would promise hours."""
        self._progress(Update("compiling", self._run.step, self._steps, "steps"))

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Tell, if it is time."""
        now = time.monotonic()
        if now - self._told_at < INTERVAL and self._run.step < self._steps:
            return
        self._told_at = now
        values: dict[str, float | str] = {"loss": float((logs or {})["loss"])}
        if self._run.best_loss is not None:
            values["best validation"] = self._run.best_loss
        values["tokens/s"] = self._run.steps_per_second * self._tokens
        self._progress(Update("training", self._run.step, self._steps, "steps", values))


class TensorBoardLog(keras.callbacks.Callback):
    """Writes each new row of history; after a restart the log is written anew up to there: no gaps, no doubles."""

    def __init__(self, run: Run, log: EventLog) -> None:
        super().__init__()
        self._run, self._log, self._written = run, log, 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Write what earlier attempts recorded."""
        self._write()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Write what is new."""
        self._write()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Close the log."""
        self._log.close()

    def _write(self) -> None:
        for row in self._run.history[self._written :]:
            self._log.add(row)
        self._written = len(self._run.history)
