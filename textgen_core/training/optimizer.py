"""What turns gradients into steps: AdamW, or Muon for the matrices that vectors are multiplied with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from textgen_core.training.settings import TrainingSettings

NO_DECAY = ("bias", "embeddings")
"""Matrices by shape that are none that features are multiplied with: decay would only hold them back, as it would all
vectors."""
TABLES = ("embedding/", "positions/", "bias")
"""Parts of paths of what looks like a matrix, and is rows that are looked up, an output's or biases: AdamW's."""
MOMENTUM = 0.9
"""Share of its memory that Muon keeps at a step. Its authors' 0.95 is for thousands of steps."""
TABLES_RATE = 0.3
"""Of Muon's rate, that of AdamW beside it: what it moves bears less."""


def make_optimizer(settings: TrainingSettings, rate: Any, weights: Sequence[Any]) -> keras.optimizers.Optimizer:
    """An optimizer of these weights, built.

    Args:
        rate: the learning rate at each step.
    """
    decay, optimizer = settings.weight_decay, None
    if settings.optimizer == "muon":
        optimizer = keras.optimizers.Muon(
            rate,
            momentum=MOMENTUM,
            weight_decay=decay,
            exclude_layers=list(TABLES),
            adam_lr_ratio=TABLES_RATE,
            adam_beta_2=settings.beta2,
            adam_weight_decay=decay,
        )
    else:
        optimizer = keras.optimizers.AdamW(rate, weight_decay=decay, beta_2=settings.beta2)
    optimizer.exclude_from_weight_decay(
        var_list=[weight for weight in weights if len(weight.shape) < 2 or weight.name in NO_DECAY]
    )
    optimizer.build(weights)
    return optimizer
