"""Cleaning steps: pure functions from a text to a text, or to None where the document is refused.

To add one, write the function and its line in CLEANING.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Literal

Clean = Callable[[str], str | None]

CleaningStep = Literal[
    "nfc",
    "nfkc",
    "strip-control",
    "strip-html",
    "unwrap",
    "collapse-whitespace",
    "strip",
    "lower",
    "drop-without-letters",
]

# All of C0 and C1 but tab, line feed and carriage return; and the invisible marks that change how text is shown. Not
# textgen_core.controls: what is shown may change with any version, what a model learns from only with a code version.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2060\ufeff\u202a-\u202e\u2066-\u2069]"
)
# As HTML has it: after "<" a letter or one of /!?, so that a < b stays. Bounded, so that a stray "<" costs no more than
# its neighbourhood.
_TAG = re.compile(r"<[A-Za-z/!?][^<>]{0,1000}>")
# An end between two lines that both say something; blank lines stay, and so do the borders of paragraphs.
_LINE_END = re.compile(r"(?<=\S)[^\S\r\n]*(?:\r\n|\r|\n)[^\S\r\n]*(?=\S)")
_SPACES = re.compile(r"\s+")


def nfc(text: str) -> str:
    """Unicode canonical composition: one code point for é however it was typed."""
    return unicodedata.normalize("NFC", text)


def nfkc(text: str) -> str:
    """Compatibility composition: also ligatures, full-width letters and superscripts become plain ones."""
    return unicodedata.normalize("NFKC", text)


def strip_control(text: str) -> str:
    """Remove control characters (tab and line ends stay), zero-width spaces and direction marks."""
    return _CONTROL.sub("", text)


def strip_html(text: str) -> str:
    """Put a space for each HTML tag. Entities stay."""
    return _TAG.sub(" ", text)


def unwrap(text: str) -> str:
    """Join the lines of each paragraph by a space: those of a book were broken to a width, and mean nothing."""
    return _LINE_END.sub(" ", text)


def collapse_whitespace(text: str) -> str:
    """One space for each run of white space, line ends included."""
    return _SPACES.sub(" ", text)


def lower(text: str) -> str:
    """Lower case."""
    return text.lower()


def drop_without_letters(text: str) -> str | None:
    """Refuse a document that has no letter at all."""
    return text if any(map(str.isalpha, text)) else None


CLEANING: dict[CleaningStep, Clean] = {
    "nfc": nfc,
    "nfkc": nfkc,
    "strip-control": strip_control,
    "strip-html": strip_html,
    "unwrap": unwrap,
    "collapse-whitespace": collapse_whitespace,
    "strip": str.strip,
    "lower": lower,
    "drop-without-letters": drop_without_letters,
}


def clean(text: str, steps: tuple[CleaningStep, ...]) -> tuple[str | None, CleaningStep | None]:
    """The cleaned text and None, or None and the step that refused it."""
    for step in steps:
        cleaned = CLEANING[step](text)
        if cleaned is None:
            return None, step
        text = cleaned
    return text, None
