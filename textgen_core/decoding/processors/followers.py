"""What followed before when the row said what it says now: the ground of no-repeat n-grams and of DRY.

For every place in its history a row knows how many tokens before that place equal those that it ends with. One more
token makes each of these numbers one greater, or zero: nothing is ever searched.
"""

from __future__ import annotations

from typing import Any

from keras import ops


def longest_match(history: Any, matches: Any, vocab: int) -> Any:
    """For each token the longest match [n, vocab] int32 that it followed, -1 if it never occurred.

    Args:
        history: [n, room] int32, -1 where there is nothing.
        matches: [n, room] int32, tokens before each place that equal the row's last ones.
    """
    rows = history.shape[0]
    known = history >= 0
    place = ops.where(known, history, 0) + ops.arange(rows, dtype="int32")[:, None] * vocab
    lengths = ops.where(known, matches, -1)
    longest = ops.segment_max(ops.reshape(lengths, (-1,)), ops.reshape(place, (-1,)), num_segments=rows * vocab)
    return ops.maximum(ops.reshape(longest, (rows, vocab)), -1)
