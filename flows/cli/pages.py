"""What the pages that are made of settings have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def own_table(rows: Sequence[Mapping[str, str]]) -> str:
    """A Markdown table of our own texts, which need no escaping."""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def own_text(text: str | None) -> str:
    """A docstring as one cell of such a table."""
    return " ".join((text or "").split()).replace("``", "`").replace("|", "\\|")
