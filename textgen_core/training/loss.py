"""The loss that models are trained on and judged by."""

from __future__ import annotations

from typing import Any

from keras import ops

from textgen_core.tokenization.interface import PAD


def mean_nll(logits: Any, targets: Any, weights: Any = None) -> Any:
    """Mean negative log-likelihood in nats of targets [n, t] under logits [n, t, vocab] (float32).

    weights [n, t]: how much each target counts, 1 on average; None: all the same.
    """
    nll = ops.sparse_categorical_crossentropy(targets, logits, from_logits=True)
    return ops.mean(nll if weights is None else ops.where(weights > 0, nll * weights, 0.0))


def without_pad(targets: Any) -> Any:
    """Weights float32 [n, t] of targets: 0 for PAD, which nobody predicts, the same for all others, 1 on average."""
    counted = ops.cast(targets != PAD, "float32")
    return counted / ops.maximum(ops.mean(counted), 1e-9)
