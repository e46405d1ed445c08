"""The values of enum and const, and how JSON writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from textgen_core.decoding.constraints.keywords import VALUES, Schema, listed, unsupported

KINDS: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "null": type(None),
    "array": list,
    "object": dict,
    "boolean": bool,
}


def values_of(kind: str, clauses: Iterable[Schema]) -> list[Any] | None:
    """The values of a type that all enum and const among the clauses have; None where there are none of these."""
    found: list[Any] | None = None
    for asked in clauses:
        for keyword in VALUES:
            if keyword in asked:
                values = listed(asked[keyword], keyword) if keyword == "enum" else [asked[keyword]]
                values = [_as(kind, value) for value in values if is_a(kind, value)]
                known = None if found is None else set(map(identity, found))
                found = [value for value in values if known is None or identity(value) in known]
    return found


def is_a(kind: str, value: Any) -> bool:
    """Whether a value is of a type of JSON Schema, where 1.0 is an integer."""
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, KINDS[kind])


def identity(value: Any) -> str:
    """A text that values share if they are equal in JSON: 1 and 1.0 are, 1 and true are not."""
    return json.dumps(_plain(value), sort_keys=True)


def written(values: Sequence[Any]) -> tuple[str, ...]:
    """Values as JSON."""
    try:
        return tuple(json.dumps(value, ensure_ascii=False, allow_nan=False) for value in values)
    except ValueError:
        raise unsupported(f"{values!s:.100}, which JSON can't say") from None


def _as(kind: str, value: Any) -> Any:
    return int(value) if kind == "integer" else value


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return {key: _plain(each) for key, each in value.items()} if isinstance(value, dict) else value
