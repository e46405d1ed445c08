"""What followed before when the row said what it says now: the ground of no-repeat n-grams and of DRY.

For every place in its history a row knows how many tokens before that place equal those that it ends with. One more
token makes each of these numbers one greater, or zero: nothing is ever searched.
"""

from __future__ import annotations

from typing import Any

from keras import ops


def highest_by_token(history: Any, values: Any, vocab: int, least: int) -> Any:
    """For each token the highest value [n, vocab] of the places where it stands in its row; least if it never does.

    Args:
        history: [n, room] int32, -1 where there is nothing.
        values: [n, room], none of them below least.
    """
    rows = history.shape[0]
    known = history >= 0
    place = ops.where(known, history, 0) + ops.arange(rows, dtype="int32")[:, None] * vocab
    values = ops.where(known, values, least)
    highest = ops.segment_max(ops.reshape(values, (-1,)), ops.reshape(place, (-1,)), num_segments=rows * vocab)
    return ops.maximum(ops.reshape(highest, (rows, vocab)), least)
