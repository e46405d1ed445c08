"""Knobs in the cells of a seed file: a text, or a JSON list of some, for a list; JSON for what has names."""

from __future__ import annotations

import json
from typing import Any

from textgen_core.errors import SettingsError

LISTS = ("stop", "stop_tokens", "banned_phrases", "dry_breakers")


def read_knob(name: str, value: Any) -> Any:
    """A cell's value as the settings take it.

    Raises:
        SettingsError: logit_bias is no JSON object.
    """
    if name in LISTS and isinstance(value, str):
        return _texts(value)
    if name == "logit_bias":
        return _biases(value)
    return value


def _texts(cell: str) -> tuple[str, ...]:
    """Those of a JSON list, as ["a", "b"]; any other cell is one text."""
    try:
        read = json.loads(cell)
    except (ValueError, RecursionError):
        return (cell,)
    return tuple(read) if isinstance(read, list) and all(isinstance(text, str) for text in read) else (cell,)


def _biases(value: Any) -> dict[str, Any]:
    """By token; parquet gives a map as pairs, and of a struct also the fields that a row leaves empty."""
    try:
        read = dict(json.loads(value) if isinstance(value, str) else value)
    except (ValueError, TypeError, RecursionError):
        raise SettingsError(
            "logit_bias must be a JSON object of tokens and numbers", f"{value!s:.100}", 'Write it as {" the": -2.5}'
        ) from None
    return {token: bias for token, bias in read.items() if bias is not None}
