"""The training of preset tiny: seconds, and the same for every family that learns by gradients."""

from __future__ import annotations

from typing import Any

TINY: dict[str, Any] = {
    "batch_size": 8,
    "window": 16,
    "steps": 30,
    "learning_rate": 1e-2,  # small models bear, and need, large steps
    "warmup": 5,
    "weight_decay": 0.0,
    "evaluate_every": 10,
    "samples": 0,  # compiling the decoder takes longer than the training
}
