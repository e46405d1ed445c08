"""Nests of tensors whose first axis is the row: moving rows within and between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

Rows = Any
"""A nest of tensors whose first axis is the row."""

Step = Callable[[Any, Rows], tuple[Any, Rows]]
"""A model's step: tokens [n] and a state to logits [n, vocab] and a state."""


def gather(rows: Rows, index: Any) -> Rows:
    """Row index[i] of each leaf as row i: forks or reorders."""
    return keras.tree.map_structure(lambda leaf: ops.take(leaf, index, axis=0), rows)


def select(mask: Any, rows: Rows, otherwise: Rows) -> Rows:
    """rows where mask [n], otherwise elsewhere."""

    def choose(leaf: Any, other: Any) -> Any:
        return ops.where(ops.reshape(mask, (-1,) + (1,) * (len(leaf.shape) - 1)), leaf, other)

    return keras.tree.map_structure(choose, rows, otherwise)
