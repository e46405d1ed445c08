"""Markdown for the Prefect UI. Corpora, prompts and generations are untrusted: escaped, stripped and capped here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

CELL_CHARS = 200
SAMPLE_CHARS = 600

_SYNTAX = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&:@$^=])")


def printable(text: str, limit: int) -> str:
    """At most limit characters of a text; control, bidi and private characters, which could deceive, as U+FFFD."""
    kept = "".join(char if char in "\n\t" or _is_harmless(char) else "\ufffd" for char in text[:limit])
    return kept + (" …" if len(text) > limit else "")


def _is_harmless(char: str) -> bool:
    # Cf holds the bidi overrides, but also the joiners that many scripts need.
    return char in "\u200c\u200d" or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def inline(value: object, limit: int = CELL_CHARS) -> str:
    """A value as one line that no Markdown or HTML parser takes for markup."""
    text = " ".join(printable(figure(value), limit).split())
    return _SYNTAX.sub(lambda match: f"&#{ord(match[1])};", text)


def fenced(text: str, limit: int = SAMPLE_CHARS) -> str:
    """A text as a block of its own, line breaks kept, behind a fence longer than any in it."""
    body = printable(text, limit)
    longest = max((len(run) for run in re.findall(r"`+", body)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{body}\n{fence}"


def figure(value: object) -> str:
    """A number as a person reads it; anything else as it is."""
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "-"}[value]
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return str(value)


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows with the same keys as a Markdown table; '' without rows."""
    if not rows:
        return ""
    lines = [[inline(name) for name in rows[0]], ["---"] * len(rows[0])]
    lines += [[inline(value) for value in row.values()] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def pairs(facts: Mapping[str, Any]) -> str:
    """Names and values, one a line, as a table with two columns."""
    return table([{"what": name.replace("_", " "), "value": value} for name, value in facts.items()])


def chart(title: str, x_label: str, y_label: str, x: Sequence[float], lines: Sequence[Sequence[float]]) -> str:
    """A mermaid line chart. Every line has a value at each of the evenly spaced x; labels are our own words."""
    values = [value for line in lines for value in line]
    low, high = min(values), max(values)
    margin = (high - low or abs(high) or 1.0) * 0.05
    drawn = [f"  line [{', '.join(f'{value:.4f}' for value in line)}]" for line in lines]
    return "\n".join(
        [
            "```mermaid",
            "xychart-beta",
            f'  title "{title}"',
            f'  x-axis "{x_label}" {x[0]:.0f} --> {x[-1]:.0f}',
            f'  y-axis "{y_label}" {low - margin:.4f} --> {high + margin:.4f}',
            *drawn,
            "```",
        ]
    )
