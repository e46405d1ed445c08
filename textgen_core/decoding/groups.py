"""Neighbouring rows that belong together: [n] seen as [groups, size], and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from keras import ops


@dataclass(frozen=True, slots=True)
class Groups:
    """rows cut into groups of size; what is left over at the end belongs to none and gets zeros or itself."""

    rows: int
    size: int

    @property
    def count(self) -> int:
        """Whole groups."""
        return self.rows // self.size

    def split(self, x: Any) -> Any:
        """[rows, ..] as [groups, size * ..]."""
        return ops.reshape(x[: self.count * self.size], (self.count, -1))

    def join(self, x: Any) -> Any:
        """[groups, size] as [rows]."""
        return ops.pad(ops.reshape(x, (-1,)), ((0, self.rows - self.count * self.size),))

    def any(self, flags: Any) -> Any:
        """Whether any row of a row's group has its flag set, [rows] bool."""
        highest = ops.max(self.split(ops.cast(flags, "int32")), axis=1, keepdims=True)
        return self.join(ops.repeat(highest, self.size, axis=1)) > 0

    def best(self, scores: Any) -> tuple[Any, Any, Any]:
        """The size best of each group among scores [rows, m]; of equals the first.

        Returns their scores, the rows they are in and their columns, each [rows], a group's best first.
        """
        width = scores.shape[1]
        best, place = ops.top_k(self.split(scores), self.size)
        row = place // width + ops.arange(self.count, dtype="int32")[:, None] * self.size
        return self.join(best), self.join(row), self.join(place % width)
