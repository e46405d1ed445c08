"""Measures the validation loss, keeps the best weights, and stops when there is nothing more to gain."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from textgen_core.models.interface import LanguageModel
from textgen_core.training.callbacks.guard import diverged
from textgen_core.training.callbacks.history import HistoryRecorder
from textgen_core.training.run import Run


class Evaluation(keras.callbacks.Callback):
    """Every so many steps and after the last."""

    def __init__(
        self, run: Run, evaluate: Callable[[], float], recorder: HistoryRecorder, every: int, steps: int
    ) -> None:
        super().__init__()
        self._run, self._evaluate, self._recorder = run, evaluate, recorder
        self._every, self._steps = every, steps

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Add a validation row if one is due.

        Raises:
            TrainingError: the loss is not finite. No later one is less than NaN, which would be the best for good.
        """
        step = self._run.step
        if step % self._every == 0 or step == self._steps:
            if not math.isfinite(loss := self._evaluate()):
                raise diverged(step, f"a validation loss of {loss}")
            self._recorder.add("validation", loss)


class EarlyStopping(keras.callbacks.Callback):
    """Keeps the weights of the lowest validation loss; stops after patience evaluations without a lower one."""

    def __init__(
        self,
        run: Run,
        model: LanguageModel,
        best: dict[str, np.ndarray],
        recorder: HistoryRecorder,
        patience: int | None,
    ) -> None:
        super().__init__()
        self._run, self._language_model, self._best = run, model, best
        self._recorder, self._patience = recorder, patience

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Look at the evaluation of this step, if there was one."""
        run = self._run
        row = run.history[-1] if run.history else None
        if row is None or row["split"] != "validation" or row["step"] != run.step:
            return
        if run.best_loss is None or row["loss"] < run.best_loss:
            run.best_loss, run.best_step, run.stale = row["loss"], run.step, 0
            self._best.update((f"best/{i}", weight.numpy()) for i, weight in enumerate(self._language_model.weights))
        else:
            run.stale += 1
        if self._patience is not None and run.stale >= self._patience:
            run.stopped = True
            self._recorder.close()
            self.model.stop_training = True
