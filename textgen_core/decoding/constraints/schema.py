"""JSON Schema, as far as it is regular: texts that are valid JSON and obey the schema.

Objects give their properties in the written order, those that are not required or not. A keyword that isn't known is
refused, for what it asks would not be kept.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from textgen_core.decoding.constraints import json_text
from textgen_core.decoding.constraints.integers import GREATEST, integers
from textgen_core.decoding.constraints.json_text import COLON, COMMA
from textgen_core.decoding.constraints.language import Choice, Language, Sequence, literal, optional
from textgen_core.decoding.constraints.pattern import parse
from textgen_core.errors import SettingsError

MOST_DEPTH = 30
"""Schemas within schemas, references followed. One that refers to itself is deeper."""

NOTES = {"title", "description", "default", "examples", "$schema", "$id", "$comment", "deprecated"}
NOTES |= {"readOnly", "writeOnly", "$defs", "definitions"}
"""Keywords that ask nothing."""

Schema = Mapping[str, Any]


def json_schema(text: str) -> Language:
    """The texts that obey a schema.

    Raises:
        SettingsError: it is no JSON object, or asks what can't be kept.
    """
    try:
        schema = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError("a JSON schema must be JSON", f"{error} in {text:.100}") from None
    return _Reader(schema).language(schema, 0)


def _unsupported(what: object) -> SettingsError:
    known = "; ".join(f"{name} {', '.join(sorted(keywords))}" for name, keywords in KEYWORDS.items() if keywords)
    remedy = f"Use enum, const, anyOf, $ref without recursion, or a type with what is known of it: {known}"
    return SettingsError("a JSON schema must ask only for what can be kept", f"{what!s:.200}", remedy)


class _Reader:
    def __init__(self, root: Any) -> None:
        self._root = root

    def language(self, schema: Any, depth: int) -> Language:
        """What obeys one schema."""
        if not isinstance(schema, dict) or depth > MOST_DEPTH:
            raise _unsupported(f"{schema!s:.100}, nested {depth} deep")
        asked = {key: value for key, value in schema.items() if key not in NOTES}
        if "$ref" in asked:
            return self.language(self._referred(_only(asked, "$ref")), depth + 1)
        if "anyOf" in asked:
            options = _listed(_only(asked, "anyOf"), "anyOf")
            return Choice(tuple(self.language(option, depth + 1) for option in options))
        kinds = asked.pop("type", None)
        names = kinds if isinstance(kinds, list) else [kinds]
        if "enum" in asked or "const" in asked:
            return _values(asked, names)
        return self._typed(names, asked, depth)

    def _typed(self, names: list[Any], asked: Schema, depth: int) -> Language:
        known = [name for name in names if isinstance(name, str) and name in KEYWORDS]
        if len(known) < len(names) or not names:
            raise _unsupported(f"type {names} with {dict(asked)}")
        if unknown := asked.keys() - set().union(*(KEYWORDS[name] for name in known)):
            raise _unsupported(f"{', '.join(sorted(unknown))} of type {', '.join(known)}")
        readers: dict[str, Callable[[], Language]] = {
            "string": lambda: _string(asked),
            "integer": lambda: _integer(asked),
            "number": lambda: json_text.NUMBER,
            "boolean": lambda: parse("true|false"),
            "null": lambda: literal("null"),
            "array": lambda: self._array(asked, depth),
            "object": lambda: self._object(asked, depth),
        }
        return Choice(tuple(readers[name]() for name in known))

    def _referred(self, reference: Any) -> Any:
        """The schema that "#/$defs/Name" names."""
        found = self._root
        for part in str(reference).removeprefix("#").split("/")[1:]:
            found = found.get(part) if isinstance(found, dict) else None
        if not str(reference).startswith("#") or found is None:
            raise _unsupported(f"$ref {reference}")
        return found

    def _array(self, asked: Schema, depth: int) -> Language:
        if "items" not in asked:
            raise _unsupported("an array without items")
        least, most = _count(asked, "minItems") or 0, _count(asked, "maxItems")
        return json_text.array(self.language(asked["items"], depth + 1), least, most)

    def _object(self, asked: Schema, depth: int) -> Language:
        properties, required = asked.get("properties"), asked.get("required", [])
        if not isinstance(properties, dict) or not properties:
            raise _unsupported("an object without properties")
        if not isinstance(asked.get("additionalProperties", False), bool):
            raise _unsupported("additionalProperties that are neither true nor false")
        if not isinstance(required, list) or not set(map(str, required)) <= properties.keys():
            raise _unsupported(f"required {required}, not all among the properties")
        members: list[tuple[Language, bool]] = [
            (Sequence((_value(name), COLON, self.language(schema, depth + 1))), name in required)
            for name, schema in properties.items()
        ]
        return Sequence((literal("{"), _members(members), literal("}")))


KEYWORDS: dict[str, set[str]] = {
    "string": {"minLength", "maxLength", "pattern", "format"},
    "integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
    "number": set(),
    "boolean": set(),
    "null": set(),
    "array": {"items", "minItems", "maxItems"},
    "object": {"properties", "required", "additionalProperties"},
}
"""What may be asked of each type."""


def _members(members: list[tuple[Language, bool]]) -> Language:
    """Properties with commas between them; each either required or optional."""
    options: list[Language] = []
    for place, (member, required) in enumerate(members):
        later = [(Sequence((COMMA, other)), needed) for other, needed in members[place + 1 :]]
        options.append(Sequence((member, *(other if needed else optional(other) for other, needed in later))))
        if required:
            return Choice(tuple(options))
    return Choice((*options, Sequence(())))


def _string(asked: Schema) -> Language:
    if "pattern" in asked:
        pattern = str(_only(asked, "pattern"))
        if not (pattern.startswith("^") and pattern.endswith("$")):
            raise _unsupported(f"pattern {pattern}, which is not between ^ and $")
        return json_text.string(parse(f"(?:{pattern[1:-1]})"))
    if "format" in asked:
        name = _only(asked, "format")
        if str(name) not in json_text.FORMATS:
            raise _unsupported(f"format {name}, which is none of {', '.join(json_text.FORMATS)}")
        return json_text.string(parse(json_text.FORMATS[str(name)]))
    return json_text.any_string(_count(asked, "minLength") or 0, _count(asked, "maxLength"))


def _integer(asked: Schema) -> Language:
    least = max(-GREATEST, math.ceil(_number(asked, "minimum", -GREATEST)))
    least = max(least, math.floor(_number(asked, "exclusiveMinimum", -GREATEST - 1)) + 1)
    most = min(GREATEST, math.floor(_number(asked, "maximum", GREATEST)))
    most = min(most, math.ceil(_number(asked, "exclusiveMaximum", GREATEST + 1)) - 1)
    return integers(least, most)


def _values(asked: Schema, names: list[Any]) -> Language:
    """The values of enum or const that are of the types, if any is named."""
    keyword = "enum" if "enum" in asked else "const"
    value = _only(asked, keyword)
    values = _listed(value, keyword) if keyword == "enum" else [value]
    return Choice(
        tuple(_value(value) for value in values if names == [None] or any(_is(value, name) for name in names))
    )


def _value(value: Any) -> Language:
    try:
        return literal(json.dumps(value, ensure_ascii=False, allow_nan=False))
    except ValueError:
        raise _unsupported(value) from None


def _is(value: Any, name: Any) -> bool:
    """Whether a value is of a type of JSON Schema."""
    if isinstance(value, bool):
        return bool(name == "boolean")
    kinds: dict[Any, Any] = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "null": type(None),
        "array": list,
        "object": dict,
    }
    return isinstance(name, str) and name in kinds and isinstance(value, kinds[name])


def _only(asked: Schema, keyword: str) -> Any:
    """The value of a keyword that must stand alone."""
    if len(asked) > 1:
        raise _unsupported(f"{keyword} together with {', '.join(sorted(asked.keys() - {keyword}))}")
    return asked[keyword]


def _listed(value: Any, keyword: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise _unsupported(f"{keyword} {value}, which must be a list")
    return value


def _count(asked: Schema, keyword: str) -> int | None:
    """A natural number, or None where the keyword is left out."""
    value = asked.get(keyword)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise _unsupported(f"{keyword} {value}, which must be a natural number")
    return value


def _number(asked: Schema, keyword: str, otherwise: int) -> float:
    value = asked.get(keyword, otherwise)
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        raise _unsupported(f"{keyword} {value}, which must be a number")
    return value
