"""Constraints in the graph: which tokens each row may take, and where they lead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras import ops

CONSTRAINT = "constraint"
"""The leaf of a carry that holds each row's state, and the name of the feature."""


def permitted(tables: Mapping[str, Any], state: Any, remaining: Any) -> Any:
    """Which tokens [n, vocab] bool lead on, and to a complete text within remaining [n] > 0 tokens, this one counted.

    Args:
        tables: those of a Bank.
        state: [n] int32, where each row is.
    """
    places = _place(tables, state)[:, None] + tables["columns"][None, :]
    own = ops.take(tables["owners"], places) == state[:, None]
    near = own & (ops.cast(ops.take(tables["distances"], places), "int32") < remaining[:, None])
    near, class_of = ops.cast(near, "int8"), ops.cast(tables["class_of"], "int32")
    if len(class_of.shape) == 1:  # the same for all rows: then whole columns are copied, which is much faster
        return ops.transpose(ops.take(ops.transpose(near), class_of, axis=0)) > 0
    return ops.take_along_axis(near, class_of, axis=1) > 0


def moved(tables: Mapping[str, Any], state: Any, token: Any) -> Any:
    """The state [n] after token [n]; where that is not allowed, the same."""
    class_of = tables["class_of"]
    if len(class_of.shape) == 1:
        of_token = ops.take(class_of, token)
    else:
        of_token = ops.take_along_axis(class_of, token[:, None], axis=1)[:, 0]
    place = _place(tables, state) + ops.cast(of_token, "int32")
    return ops.where(ops.take(tables["owners"], place) == state, ops.take(tables["targets"], place), state)


def _place(tables: Mapping[str, Any], state: Any) -> Any:
    return tables["first"] + state
