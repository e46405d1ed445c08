"""The validation loss: the same windows every time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from textgen_core.models.backend import compiled
from textgen_core.models.interface import LanguageModel
from textgen_core.tokenization.interface import PAD
from textgen_core.training.batches import Batch, Streams
from textgen_core.training.learner import logits_of_pairs
from textgen_core.training.loss import mean_nll, without_pad
from textgen_core.training.pairs import PairBatch, PairPlaces, joined
from textgen_core.training.pairs_by_length import PairsByLength
from textgen_core.training.settings import TrainingSettings

SIDE = 256
"""Tokens of a source and of a target that are read, at most: as many as preset small trains encoder-decoders on. So all
families are measured on the same pairs, and on the same text of them but for what a shorter window, or half of a
shorter context, has no room for."""


def make_evaluator(settings: TrainingSettings, model: LanguageModel, stream: np.ndarray) -> Callable[[], float]:
    """What measures the loss on a validation stream; a model of pairs is measured on its targets."""
    if model.pairs:
        return PairEvaluator(model, PairPlaces(stream), settings.batch_size, settings.window, settings.evaluate_tokens)
    return Evaluator(model, stream, settings.batch_size, settings.window, settings.evaluate_tokens)


def even_rows(units: int, rows: int) -> int:
    """At most so many rows, and no less than half, that part units of text with few left over.

    62 windows in 32 rows would be one batch, and 30 windows never read; 31 rows read all. Where no more than a
    sixteenth is lost, the more rows the better.
    """
    rows = min(rows, units)
    return max(range(rows, (rows - 1) // 2, -1), key=lambda n: min(16 * n * (units // n), 15 * units))


class Evaluator:
    """Mean loss over about the given number of tokens, or over nearly the whole stream where it has no more.

    Every row has its own stretch of the stream and reads it from its beginning. Families that carry their state read
    on from window to window; for others each window stands alone.
    """

    def __init__(self, model: LanguageModel, stream: np.ndarray, rows: int, window: int, tokens: int) -> None:
        window = min(window, len(stream) - 1)
        windows = min(len(stream) // window, max(rows, tokens // window))
        rows = even_rows(windows, rows)
        self._model, self._rows = model, rows
        self._batches = Streams(stream, rows, window, seed=None)
        self._count = windows // rows
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


class PairEvaluator:
    """Mean loss over the targets of pairs, each read by itself: about so many tokens of both sides, drawn once, or all
    pairs where they have no more.

    Models of all families are measured alike: what they say after END, a source and PAD. A batch has no more tokens
    than one of training.
    """

    def __init__(self, model: LanguageModel, places: PairPlaces, rows: int, window: int, tokens: int) -> None:
        limit, sides = min(SIDE, window), 1
        if not model.reads_source:  # both sides stand in one row
            limit, sides = SIDE if model.max_context is None else min(SIDE, model.max_context // 2), 2
        self._model = model
        rows = max(1, rows * window // (sides * limit))
        self._batches = PairsByLength(places.drawn(tokens, SIDE), rows, 1, limit, seed=0)
        self._program = compiled(self._source_read if model.reads_source else self._in_a_row, xla=model.scans)

    def __call__(self) -> float:
        """Nats a token of the targets, the END of each included."""
        nats = tokens = 0.0
        for t in range(self._batches.per_epoch):
            batch = self._batches[t]
            counted = float((batch.targets != PAD).sum())
            nats += counted * float(self._program(*(batch if self._model.reads_source else joined(batch))))
            tokens += counted
        return nats / tokens

    def _source_read(self, *values: Any) -> Any:
        batch = PairBatch(*values)
        return mean_nll(logits_of_pairs(self._model, batch), batch.targets, without_pad(batch.targets))

    def _in_a_row(self, *values: Any) -> Any:
        batch = Batch(*values)
        return mean_nll(self._model(batch.tokens), batch.targets, without_pad(batch.targets))
