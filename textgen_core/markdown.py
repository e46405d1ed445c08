"""Markdown for the Prefect UI and model cards. Corpora, prompts and generations are untrusted: shown as text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from textgen_core.figures import figure

CELL_CHARS = 200
SAMPLE_CHARS = 600

_PLAIN = re.compile(r"[\w ,./%+()-]*")
_SELF_LINKING = re.compile(r"www\.", re.IGNORECASE)


def printable(text: str, limit: int | None) -> str:
    """At most limit characters of a text; control, bidi and private characters, which could deceive, as U+FFFD."""
    kept = "".join(char if char in "\n\t" or _is_harmless(char) else "\ufffd" for char in text[:limit])
    return kept + (" …" if limit is not None and len(text) > limit else "")


def _is_harmless(char: str) -> bool:
    # Cf holds the bidi overrides, but also the joiners that many scripts need.
    return char in "\u200c\u200d" or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def inline(value: object, limit: int = CELL_CHARS) -> str:
    """A value as one line: as it is where no parser could take it for markup, else as code, which is shown verbatim.

    The two renderers of the Prefect UI differ in escapes and entities, and agree on code.
    """
    text = " ".join(printable(figure(value), limit).split())
    if _PLAIN.fullmatch(text) and not _SELF_LINKING.search(text) and "__" not in text:
        return text
    ticks = "`" * (_longest_run(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return ticks + pad + text.replace("|", "\u2502") + pad + ticks  # a bar would end a table's cell, even in code


def fenced(text: str, limit: int | None = SAMPLE_CHARS, language: str = "text") -> str:
    """A text as a block of its own, line breaks kept, behind a fence longer than any in it."""
    body = printable(text, limit)
    fence = "`" * max(3, _longest_run(body) + 1)
    return f"{fence}{language}\n{body}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)


def table(rows: Sequence[Mapping[str, Any]], figures: bool = False) -> str:
    """Rows with the same keys as a Markdown table; '' without rows. Figures in all columns but the first go right."""
    if not rows:
        return ""
    lines = [[inline(name) for name in rows[0]], ["---", *["--:" if figures else "---"] * (len(rows[0]) - 1)]]
    lines += [[inline(value) for value in row.values()] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def pairs(facts: Mapping[str, Any]) -> str:
    """Names and values, one a line, as a table with two columns."""
    return table([{"what": name.replace("_", " "), "value": value} for name, value in facts.items()])
