"""Seeds that can't be continued: why one is refused, and how many may be."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from textgen_core.errors import InputError

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


def check_share(refused: Counter[str], total: int, most: float, source: str, example: str) -> None:
    """Not too many seeds were refused.

    Args:
        refused: how many, by code.
        total: seeds in the file.
        most: the share of them that may be refused.
        source: the file.
        example: the first of them.

    Raises:
        InputError: more were refused.
    """
    if refused.total() > most * total:
        reasons = ", ".join(f"{count} {code}" for code, count in refused.most_common())
        raise InputError(
            f"at most {most:.0%} of the seeds may be refused",
            f"{source} with {total} seeds, of which by now were refused: {reasons}; {example}",
            "Mend the file, or raise max_reject_share",
        )


def _stored(raw: str) -> bytes:
    """The bytes that were read; where half characters came from escapes in JSON, those are spelt."""
    try:
        return raw.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return raw.encode("utf-8", "backslashreplace")
