"""The keywords of JSON Schema that are kept, and the errors about all others and about values that can't be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from textgen_core.errors import SettingsError

Schema = Mapping[str, Any]

NOTES = {"title", "description", "default", "examples", "$schema", "$id", "$comment", "deprecated"}
NOTES |= {"readOnly", "writeOnly", "$defs", "definitions"}
"""Keywords that ask nothing."""

BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
KEYWORDS: dict[str, set[str]] = {
    "string": {"minLength", "maxLength", "pattern", "format"},
    "integer": BOUNDS,
    "number": BOUNDS,
    "boolean": set(),
    "null": set(),
    "array": {"items", "prefixItems", "minItems", "maxItems"},
    "object": {"properties", "required", "additionalProperties"},
}
"""What may be asked of each type."""

VALUES = ("enum", "const")
COMBINING = ("$ref", "allOf", "anyOf", "oneOf")
"""May be asked of any type."""


def unsupported(what: object) -> SettingsError:
    """The error about what a schema asks and can't be kept."""
    known = "; ".join(f"{name} {', '.join(sorted(keywords))}" for name, keywords in KEYWORDS.items() if keywords)
    remedy = f"Use {', '.join((*VALUES, *COMBINING))}, or a type with what is known of it: {known}"
    return SettingsError("a JSON schema must ask only for what can be kept", f"{what!s:.200}", remedy)


def listed(value: Any, keyword: str) -> list[Any]:
    """A value that must be a list with something in it."""
    if not isinstance(value, list) or not value:
        raise unsupported(f"{keyword} {value}, which must be a list")
    return value


def count(asked: Schema, keyword: str) -> int | None:
    """A natural number, or None where the keyword is left out."""
    value = asked.get(keyword)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise unsupported(f"{keyword} {value}, which must be a natural number")
    return value


def number(asked: Schema, keyword: str) -> int | float | None:
    """A number, or None where the keyword is left out."""
    value = asked.get(keyword)
    if value is not None and not _is_finite(value):
        raise unsupported(f"{keyword} {value}, which must be a number")
    return value


def _is_finite(value: object) -> bool:
    """Whether it is a number, and one that a float can come near to."""
    try:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False
