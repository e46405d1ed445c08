"""When a beam search may stop before its budget is spent."""

from __future__ import annotations

from typing import Any, get_args

from keras import ops

from textgen_core.decoding.groups import Groups
from textgen_core.decoding.settings import EarlyStopping
from textgen_core.decoding.states import Rows

RULES: tuple[EarlyStopping, ...] = get_args(EarlyStopping)
EXACT, HEURISTIC, FULL = range(3)
"""Their numbers in the graph."""

NEVER = -float("inf")


def those_counted(groups: Groups, counted: Any, rank: Any, ended: Any, running: Any) -> Any:
    """The K best ranks of each group, best first, among the hypotheses that the rules other than exact count.

    An ending counts if it is among the K likeliest continuations of its step, as the field has it: nearly every
    hypothesis could end at every step, and K unlikely endings are no reason to stop.

    Args:
        counted: [n] what this gave before this step.
        rank: [n] of the hypotheses that end here.
        ended: [n] their log-probabilities.
        running: [n] those of the K likeliest that go on.
    """
    ends = groups.split(ended)
    others = ops.concatenate([groups.split(running), ends], axis=1)
    likelier = ops.sum(ops.cast(others[:, None, :] > ends[:, :, None], "int32"), axis=2)
    counts = groups.join(likelier) < groups.size
    return groups.best(ops.stack([counted, ops.where(counts, rank, NEVER)], axis=1))[0]


def is_settled(groups: Groups, grown: Rows, rank: Any, counted: Any, carry: Rows) -> Any:
    """Whether each row's group may stop, [n] bool.

    exact: no running hypothesis can still overtake the n-th best. At most it ends with the score it has now, at the
    greatest length: scores only fall, and a greater length raises them. heuristic: none would overtake the K-th of
    those counted if it ended now. full: K have been counted.

    Args:
        grown: ``score`` and ``drawn`` of the hypotheses that go on.
        rank: [n] of those that are over, best first.
        counted: [n] as those_counted gives them.
        carry: ``budget``, ``penalty``, ``n_best`` and ``stopping``, the number of the rule.
    """
    rule = groups.split(carry["stopping"])[:, :1]
    length = ops.where(carry["stopping"] == HEURISTIC, grown["drawn"], carry["budget"])
    reachable = ops.max(groups.split(grown["score"] / length_norm(length, carry["penalty"])), axis=1, keepdims=True)
    nth = ops.take_along_axis(groups.split(rank), groups.split(carry["n_best"])[:, :1] - 1, axis=1)
    last = groups.split(counted)[:, -1:]
    enough = (rule == FULL) & (last > NEVER)
    settled = enough | ~(reachable > ops.where(rule == EXACT, nth, last))
    return groups.join(ops.cast(ops.repeat(settled, groups.size, axis=1), "int32")) > 0


def length_norm(length: Any, penalty: Any) -> Any:
    """What a hypothesis' log-probability is divided by."""
    return ops.power(ops.cast(length, "float32"), penalty)
