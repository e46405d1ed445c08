"""What readers give and the later steps pass on: rows of text with the user's own columns, and what was refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

RAW_BYTES = 256
"""Bytes of a refused row that are kept: enough to recognise it, too few to hurt."""


@dataclass(frozen=True, slots=True)
class Reject:
    """One input row that was refused.

    Attributes:
        row: its zero-based number in the source; None where the whole source was refused.
        code: short reason for grouping, e.g. ``undecodable``.
        message: the rule, what was received and the remedy.
        raw: the first bytes of the input.
    """

    row: int | None
    code: str
    message: str
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Rows:
    """A stretch of one source, in order.

    Attributes:
        table: source_row int64, text string, then the user's own columns; one chunk a column.
        rejects: what was refused between and around them.
        duplicates: where an earlier run is read again, what it dropped: source_row int64, content_hash string.
    """

    table: pa.Table
    rejects: Sequence[Reject] = ()
    duplicates: pa.Table | None = None


class SourceRefused(Exception):  # noqa: N818 - it is a reject on its way, not an error of the program
    """The rest of a source can't be read; carries the reject that says so."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.reject = Reject(None, code, message)


def rows_schema(own: pa.Schema) -> pa.Schema:
    """Schema of Rows.table."""
    return pa.schema([pa.field("source_row", pa.int64()), pa.field("text", pa.string()), *own])


def in_order(rejects: Sequence[Reject]) -> list[Reject]:
    """Sorted by row; a reject of the whole source comes last."""
    return sorted(rejects, key=by_row)


def by_row(reject: Reject) -> float:
    """Its row, or for the whole source what comes after all."""
    return float("inf") if reject.row is None else reject.row
