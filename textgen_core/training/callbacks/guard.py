"""Stops a training whose loss is no number any more."""

from __future__ import annotations

import math
from typing import Any

import keras

from textgen_core.errors import TrainingError
from textgen_core.training.run import Run


class NaNGuard(keras.callbacks.Callback):
    """Runs first, so that nothing of a broken step is recorded or saved."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self._run = run

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Raises TrainingError if the loss is not finite."""
        if not math.isfinite(loss := float((logs or {})["loss"])):
            raise diverged(self._run.step + 1, f"a loss of {loss}")


def diverged(step: int, received: str) -> TrainingError:
    """The error of a training that can't go on."""
    return TrainingError(
        "the loss and the weights must stay finite",
        f"{received} at step {step}",
        "Train with a lower learning_rate or a longer warmup; the last good checkpoint is kept",
    )
