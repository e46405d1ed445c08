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


def put(rows: Rows, slots: Any, new: Rows) -> Rows:
    """rows with row i of new as row slots[i]; under XLA slots beyond the last are nobody's.

    New rows are cut, or filled up with zeros, to the shape of the others: their states have room for other numbers of
    positions.
    """

    def scatter(leaf: Any, values: Any) -> Any:
        front = values[(slice(None), *map(slice, leaf.shape[1:]))]
        missing = [(0, all - some) for all, some in zip(leaf.shape[1:], front.shape[1:], strict=True)]
        return ops.scatter_update(leaf, slots[:, None], ops.pad(front, [(0, 0), *missing]))

    return keras.tree.map_structure(scatter, rows, new)
