"""Markdown that shows any value as it is, whatever it holds."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from typing import Any

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def escaped(value: Any) -> str:
    """One line that shows value."""
    text = html.escape(CONTROL.sub("\ufffd", str(value)).replace("\n", " "))
    return re.sub(r"([\\`*_{}\[\]()#+!|~])", r"\\\1", text)


def fenced(text: str, language: str = "text") -> list[str]:
    """A block that shows text; its fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", CONTROL.sub("\ufffd", text), fence]


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """Its first column to the left, the others to the right; an empty cell for None."""
    lines = [head, [":--", *["--:"] * (len(head) - 1)]]
    shown = [["" if value is None else escaped(value) for value in row] for row in rows]
    return [f"| {' | '.join(line)} |" for line in [*lines, *shown]]
