"""Saves where the training stands."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

from textgen_core.training.callbacks.guard import diverged
from textgen_core.training.callbacks.history import HistoryRecorder
from textgen_core.training.checkpoints import write_checkpoint
from textgen_core.training.learner import Learner
from textgen_core.training.run import Run


class Checkpointing(keras.callbacks.Callback):
    """Every so many seconds, and at the end. Runs after all that changes the run."""

    def __init__(
        self,
        directory: Path,
        run: Run,
        learner: Learner,
        best: dict[str, np.ndarray],
        recorder: HistoryRecorder,
        every: float,
    ) -> None:
        super().__init__()
        self._directory, self._run, self._learner, self._best = directory, run, learner, best
        self._recorder, self._every = recorder, every
        self._saved_at = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Save, if it is time."""
        if time.monotonic() - self._saved_at >= self._every:
            self._save()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Save, so that a kill while the directory is written costs no step."""
        self._save()

    def _save(self) -> None:
        self._recorder.tick()
        arrays = self._learner.snapshot()
        if not all(np.isfinite(array).all() for name, array in arrays.items() if name.startswith("model/")):
            raise diverged(self._run.step, "a weight that is not finite")
        write_checkpoint(self._directory, self._run, arrays | self._best)
        self._saved_at = time.monotonic()
