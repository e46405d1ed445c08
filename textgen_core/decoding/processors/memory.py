"""What a row remembers of what it has said. Only what the job's processors need is carried.

The END that opens a prompt is no word of it: no penalty and no ban follows from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from keras import ops

from textgen_core.decoding.states import Rows

NOTHING = -1
"""In a history, before its beginning."""

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Memory:
    """One leaf.

    Attributes:
        fresh: (prompt [t] without END, room, vocab, the row's knobs) -> the leaf of one row that has read its prompt.
        grown: (row, token [n]) -> the leaf after one more token; in the graph.
    """

    fresh: Callable[[Array, int, int, Mapping[str, Any]], Array]
    grown: Callable[[Rows, Any], Any]


def _fresh_said(prompt: Array, room: int, vocab: int, knobs: Mapping[str, Any]) -> Array:
    said = np.zeros(vocab, bool)
    said[prompt] = True
    return said


def _fresh_counts(prompt: Array, room: int, vocab: int, knobs: Mapping[str, Any]) -> Array:
    return np.zeros(vocab, np.int32)


def _fresh_history(prompt: Array, room: int, vocab: int, knobs: Mapping[str, Any]) -> Array:
    return np.concatenate([np.full(room - len(prompt), NOTHING, np.int32), prompt])


def _fresh_matches(prompt: Array, room: int, vocab: int, knobs: Mapping[str, Any]) -> Array:
    return _matched(prompt, room, np.zeros(vocab, bool))


def _fresh_unbroken(prompt: Array, room: int, vocab: int, knobs: Mapping[str, Any]) -> Array:
    return _matched(prompt, room, knobs["breakers"])


def _matched(prompt: Array, room: int, breakers: Array) -> Array:
    """[room]: how many tokens before each place of the history equal the prompt's last ones, none of them a breaker.

    The Z function of the prompt read backwards (Gusfield 1997, section 1.3).
    """
    ending = prompt[::-1].tolist()
    equal = [0] * len(ending)
    left = right = 0
    for i in range(1, len(ending)):
        if i < right:
            equal[i] = min(right - i, equal[i - left])
        while i + equal[i] < len(ending) and ending[equal[i]] == ending[i + equal[i]]:
            equal[i] += 1
        if i + equal[i] > right:
            left, right = i, i + equal[i]
    unbroken = int(np.argmax(np.append(breakers[prompt[::-1]], True)))
    before = np.array([0, *equal[:0:-1]], np.int32)[: len(prompt)]
    return np.concatenate([np.zeros(room - len(prompt), np.int32), np.minimum(before, np.int32(unbroken))])


def _places(token: Any) -> Any:
    return ops.stack([ops.arange(token.shape[0], dtype="int32"), token], axis=1)


def _more_said(row: Rows, token: Any) -> Any:
    return ops.scatter_update(row["said"], _places(token), ops.ones_like(token, dtype="bool"))


def _more_counts(row: Rows, token: Any) -> Any:
    count = ops.take_along_axis(row["counts"], token[:, None], axis=1)[:, 0]
    return ops.scatter_update(row["counts"], _places(token), count + 1)


def _more_history(row: Rows, token: Any) -> Any:
    return ops.concatenate([row["history"][:, 1:], token[:, None]], axis=1)


def _more_matches(row: Rows, token: Any) -> Any:
    return ops.where(row["history"] == token[:, None], row["matches"] + 1, 0)


def _more_unbroken(row: Rows, token: Any) -> Any:
    breaks = ops.take_along_axis(row["breakers"], token[:, None], axis=1)
    return ops.where((row["history"] == token[:, None]) & ~breaks, row["unbroken"] + 1, 0)


MEMORY = {
    "said": Memory(_fresh_said, _more_said),
    "counts": Memory(_fresh_counts, _more_counts),
    "history": Memory(_fresh_history, _more_history),
    "matches": Memory(_fresh_matches, _more_matches),
    "unbroken": Memory(_fresh_unbroken, _more_unbroken),
}
"""said [n, vocab] bool: in the prompt or generated. counts [n, vocab] int32: how often generated. history [n, room]
int32: prompt and generated, the last at the right. matches [n, room] int32: how many tokens before each place of the
history equal the last ones. unbroken: the same, no further back than to the last breaker."""
