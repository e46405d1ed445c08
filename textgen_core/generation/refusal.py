"""A seed that can't be continued."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

RAW_CHARACTERS = 256
"""What is kept of a refused row: enough to recognise it, too little to hurt."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why.

    Attributes:
        code: short reason for grouping, e.g. ``bad-json``.
        message: the rule, what was received and the remedy.
        raw: the beginning of the row as read.
    """

    code: str
    message: str
    raw: str

    def row(self, source: str, number: int) -> dict[str, Any]:
        """As a row of the rejects dataset."""
        return {
            "source": source,
            "source_row": number,
            "stage": "generation",
            "code": self.code,
            "message": self.message.encode("utf-8", "replace").decode(),
            "raw": _stored(self.raw[:RAW_CHARACTERS]),
        }


def _stored(raw: str) -> bytes:
    """The bytes that were read; where half characters came from escapes in JSON, those are spelt."""
    try:
        return raw.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return raw.encode("utf-8", "backslashreplace")
