"""Values as people read them on the page. Escaping is the template's work; making things visible is done here."""

from __future__ import annotations

import re

from textgen_core.controls import CONTROLS
from textgen_core.figures import figure

_SURROGATES = re.compile("[\ud800-\udfff]")
_DELETE = 0x7F
BEGINNING = "\u22a2"
"""What a source's first token is called, which has no text."""
END = "\u00b6"
"""What a target's last one is called."""


def visible(text: str) -> str:
    """Text whose control characters and direction marks are seen instead of obeyed."""
    return CONTROLS.sub(_picture, _SURROGATES.sub("\ufffd", text.replace("\r\n", "\n")))


def _picture(found: re.Match[str]) -> str:
    """The sign that Unicode has for a control character; U+FFFD where it has none."""
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == _DELETE else "\ufffd"


def shortened(text: str, length: int) -> str:
    """At most length characters, visible."""
    return visible(text if len(text) <= length else text[:length] + " …")


def token_name(text: str, length: int = 12, nothing: str = END) -> str:
    """A token on its own: at most length characters, spaces and line ends seen; ``nothing`` where it has no text."""
    seen = visible(text.replace(" ", "\u2423").replace("\n", "\u21b5")) or nothing
    return seen if len(seen) <= length else seen[: length - 1] + "\u2026"


def interval(low: float | None, high: float | None) -> str:
    """The ends of an interval; empty where there is none."""
    return "" if low is None or high is None else f"{figure(low)} to {figure(high)}"
