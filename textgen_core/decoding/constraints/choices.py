"""A list of texts to choose from."""

from __future__ import annotations

import json

from textgen_core.decoding.constraints.language import Language, Words
from textgen_core.errors import SettingsError


def choices(text: str) -> Language:
    """One of the strings of a JSON list.

    Raises:
        SettingsError: it is no list of strings, or an empty one.
    """
    try:
        options = json.loads(text)
    except (ValueError, RecursionError):
        options = None
    if not isinstance(options, list) or not options or not all(isinstance(option, str) for option in options):
        remedy = 'Write them as in ["yes", "no"]'
        raise SettingsError("choices must be a JSON list of strings, one at least", f"{text:.100}", remedy)
    return Words(tuple(options))
