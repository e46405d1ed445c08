"""The validation loss: the same windows every time."""

from __future__ import annotations

from typing import Any

import numpy as np

from textgen_core.models.backend import compiled
from textgen_core.models.interface import LanguageModel
from textgen_core.training.batches import Streams
from textgen_core.training.loss import mean_nll


class Evaluator:
    """Mean loss over about the given number of tokens from the beginning of a stream.

    Families that carry their state read the rows on from window to window; for others each window stands alone.
    """

    def __init__(self, model: LanguageModel, stream: np.ndarray, rows: int, window: int, tokens: int) -> None:
        window = min(window, len(stream) - 1)
        rows = max(1, min(rows, len(stream) // window))
        self._model, self._rows = model, rows
        self._batches = Streams(stream, rows, window, seed=None)
        self._count = max(1, min(self._batches.per_pass, tokens // (rows * window)))
        self._program = compiled(self._window, xla=model.scans)

    def __call__(self) -> float:
        """Nats a token."""
        state = self._model.init_state(self._rows, 0) if self._model.carries_state else None
        losses = []
        for t in range(self._count):
            batch = self._batches[t]
            loss, state = self._program(batch.tokens, batch.targets, state)
            losses.append(float(loss))
        return float(np.mean(losses))

    def _window(self, tokens: Any, targets: Any, state: Any) -> tuple[Any, Any]:
        if state is None:
            return mean_nll(self._model(tokens), targets), None
        logits, state = self._model(tokens, state)
        return mean_nll(logits, targets), state
