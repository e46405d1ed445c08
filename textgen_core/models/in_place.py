"""Tensors that compiled programs update where they lie. What a program returns instead is copied at every call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from textgen_core.models.backend import compiled


class InPlace:
    """A nest of tensors whose first axis is the row.

    Those of floating-point numbers, which are large, are kept in variables. Whole numbers are few, and a GPU has no
    variables of them.
    """

    def __init__(self, rows: Any) -> None:
        self._leaves = keras.tree.map_structure(lambda leaf: tf.Variable(leaf) if _is_large(leaf) else leaf, rows)

    @property
    def rows(self) -> Any:
        """The nest, for programs that read it; what they are given changes with the next update."""
        return self._leaves

    def update(self, program: Callable[..., Any], *arguments: Any) -> Any:
        """Run an ``updating`` program on it; what this returns besides."""
        small, result = program(self._leaves, *arguments)
        new = iter(small)
        self._leaves = keras.tree.map_structure(
            lambda leaf: leaf if isinstance(leaf, tf.Variable) else next(new), self._leaves
        )
        return result


def updating(function: Callable[..., tuple[Any, Any]]) -> Callable[..., Any]:
    """The program of a function of rows and more that returns the rows after it and a result."""

    def run(leaves: Any, *arguments: Any) -> tuple[list[Any], Any]:
        rows = keras.tree.map_structure(tf.convert_to_tensor, leaves)
        after, result = function(rows, *arguments)
        pairs = list(zip(keras.tree.flatten(leaves), keras.tree.flatten(after), strict=True))
        for leaf, new in pairs:
            if isinstance(leaf, tf.Variable):
                leaf.assign(new)
        return [new for leaf, new in pairs if not isinstance(leaf, tf.Variable)], result

    return compiled(run)


def _is_large(leaf: Any) -> bool:
    return bool(tf.as_dtype(leaf.dtype).is_floating)
