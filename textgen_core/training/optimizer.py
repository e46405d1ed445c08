"""What turns gradients into steps: AdamW, or Muon for the matrices that vectors are multiplied with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from textgen_core.training.filling import ADAMW_RATE
from textgen_core.training.settings import TrainingSettings

NO_DECAY = ("bias", "embeddings")
"""Matrices by shape that are none that features are multiplied with: decay would only hold them back, as it would all
vectors."""
MOMENTUM = 0.9
"""Share of its memory that Muon keeps at a step. After 400 steps of a Transformer's preset demo on tinyshakespeare by
characters: 0.85 2.430 bits, 0.9 2.421, its authors' 0.95, for trainings of thousands of steps, 2.503."""


def make_optimizer(settings: TrainingSettings, rate: Any, weights: Sequence[Any]) -> keras.optimizers.Optimizer:
    """An optimizer of these weights, built.

    Args:
        rate: the learning rate at each step.
    """
    decay = settings.weight_decay
    if settings.optimizer == "muon":  # which in Keras leaves to AdamW what is of an embedding or has not two axes
        optimizer = keras.optimizers.Muon(
            rate,
            momentum=MOMENTUM,
            weight_decay=decay,
            exclude_layers=["bias"],
            adam_lr_ratio=ADAMW_RATE,
            adam_beta_2=settings.beta2,
            adam_weight_decay=ADAMW_RATE * decay,  # Keras multiplies it by the whole rate
        )
    else:
        optimizer = keras.optimizers.AdamW(rate, weight_decay=decay, beta_2=settings.beta2)
    optimizer.exclude_from_weight_decay(
        var_list=[weight for weight in weights if len(weight.shape) < 2 or weight.name in NO_DECAY]
    )
    optimizer.build(weights)
    return optimizer
