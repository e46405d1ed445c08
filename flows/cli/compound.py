"""Values of flags that stand for whole settings: ``name=creative,temperature=1.2`` or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from textgen_core.errors import SettingsError


def read_compound(flag: str, text: str) -> dict[str, Any]:
    """One value: a JSON object, pairs separated by commas, or a single word, which is a name.

    Raises:
        SettingsError: it is neither.
    """
    if text.lstrip().startswith("{"):
        return _read_json(flag, text)
    if re.fullmatch(r"[\w.-]+", text):
        return {"name": text}
    pairs = [pair.partition("=") for pair in text.split(",")]
    if not all(separator and key.strip() for key, separator, _ in pairs):
        raise SettingsError(f"{flag} takes KEY=VALUE pairs separated by commas, or JSON", text, _example(flag))
    return {key.strip(): value for key, _, value in pairs}


def _read_json(flag: str, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise SettingsError(f"{flag} must be valid JSON where it starts with a brace", f"{text!r}: {error}") from None
    if not isinstance(value, dict):
        raise SettingsError(f"{flag} takes a JSON object", text, _example(flag))
    return value


def read_list(flag: str, texts: Sequence[str]) -> list[dict[str, Any]]:
    """The values of a flag that may be repeated."""
    return [read_compound(flag, text) for text in texts]


def read_named(flag: str, texts: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The values of a flag that may be repeated, by their ``name``.

    Raises:
        SettingsError: one has no name, or two have the same.
    """
    named: dict[str, dict[str, Any]] = {}
    for number, value in enumerate(read_list(flag, texts)):
        name = value.pop("name", None)
        if name is None:
            raise SettingsError(f"each {flag} needs a name", texts[number], _example(flag))
        if name in named:
            raise SettingsError(f"the names of {flag} must differ", name, "Rename one")
        named[name] = value
    return named


def read_pairs(flag: str, texts: Sequence[str]) -> dict[str, Any]:
    """The values of a flag that may be repeated, in one mapping."""
    return {key: value for one in read_list(flag, texts) for key, value in one.items()}


def _example(flag: str) -> str:
    return f"E.g. {flag} name=mine,key=value"
