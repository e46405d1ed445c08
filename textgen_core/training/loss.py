"""The loss that models are trained on and judged by."""

from __future__ import annotations

from typing import Any

from keras import ops


def mean_nll(logits: Any, targets: Any) -> Any:
    """Mean negative log-likelihood in nats of targets [n, t] under logits [n, t, vocab] (float32)."""
    return ops.mean(ops.sparse_categorical_crossentropy(targets, logits, from_logits=True))
