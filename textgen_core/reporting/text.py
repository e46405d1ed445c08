"""Values as people read them on the page. Escaping is the template's work; making things visible is done here."""

from __future__ import annotations

from textgen_core.figures import figure

_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"} | {0x7F: 0x2421}
_HIDDEN = dict.fromkeys([*range(0x80, 0xA0), 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], 0xFFFD)
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)
_VISIBLE = _PICTURES | _HIDDEN | _SURROGATES


def visible(text: str) -> str:
    """Text whose control characters and direction marks are seen instead of obeyed."""
    return text.replace("\r\n", "\n").translate(_VISIBLE)


def shortened(text: str, length: int) -> str:
    """At most length characters, visible."""
    return visible(text if len(text) <= length else text[:length] + " …")


def interval(low: float | None, high: float | None) -> str:
    """The ends of an interval; empty where there is none."""
    return "" if low is None or high is None else f"{figure(low)} to {figure(high)}"
