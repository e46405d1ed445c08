"""JSON Schema, as far as it is regular: texts that are valid JSON and obey the schema.

Objects give their properties in the written order, those that are not required or not, and no others. A keyword that
isn't known is refused, for what it asks would not be kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from textgen_core.decoding.constraints import json_text
from textgen_core.decoding.constraints.demands import Demand, Placed, Reader, lacks, members_named, required_of
from textgen_core.decoding.constraints.json_text import COLON, COMMA
from textgen_core.decoding.constraints.keywords import VALUES, Schema, count, unsupported
from textgen_core.decoding.constraints.language import (
    NOTHING,
    Choice,
    Common,
    Language,
    Repeat,
    Sequence,
    Words,
    literal,
    optional,
)
from textgen_core.decoding.constraints.scalars import is_within, numbers, strings, whole_numbers
from textgen_core.decoding.constraints.values import values_of, written
from textgen_core.errors import SettingsError

SCALARS: dict[str, Callable[[Iterable[Schema]], Language]] = {
    "string": strings,
    "integer": whole_numbers,
    "number": numbers,
    "boolean": lambda clauses: Words(("true", "false")),
    "null": lambda clauses: literal("null"),
}


def json_schema(text: str) -> Language:
    """The texts that obey a schema.

    Raises:
        SettingsError: it is no JSON object, or asks what can't be kept.
    """
    try:
        schema = json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise SettingsError("a JSON schema must be JSON", f"{error} in {text:.100}", "Mend its text") from None
    found = _Writer(Reader(schema)).language([Placed(schema)])
    if found == NOTHING:
        raise SettingsError("a JSON schema must have a value that obeys it", f"{text:.100}", "Mend what contradicts")
    return found


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


class _Writer:
    """Writes what schemas ask as languages."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def language(self, schemas: list[Placed]) -> Language:
        """What obeys all of some schemas; there is one at least."""
        found = self._reader.common(schemas)
        options = [self._demanded(demand) for demand in found]
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _demanded(self, demand: Demand) -> Language:
        groups = [
            Common(tuple(Choice(tuple(map(self._demanded, option))) for option in options), just_one=True)
            for options in demand.just_one
        ]
        own = self._valued(demand)
        return Common((own, *groups)) if groups else own

    def _valued(self, demand: Demand) -> Language:
        clauses = [clause.asked for clause in demand.clauses]
        values = values_of(demand.kind, clauses)
        if values is None:
            return self._typed(demand)
        rest = [asked for asked in clauses if asked.keys() - {*VALUES}]
        if demand.kind in ("integer", "number"):
            return Words(written([value for value in values if is_within(value, rest)]))
        listed = Words(written(values))
        if not rest:
            return listed
        if demand.kind != "string":
            raise unsupported(f"enum or const of type {demand.kind} together with what else is asked of it")
        return Common((listed, strings(rest)))

    def _typed(self, demand: Demand) -> Language:
        if demand.kind in SCALARS:
            return SCALARS[demand.kind]([clause.asked for clause in demand.clauses])
        return self._array(demand) if demand.kind == "array" else self._object(demand)

    def _array(self, demand: Demand) -> Language:
        least, most = 0, None
        for clause in demand.clauses:
            least = max(least, count(clause.asked, "minItems") or 0)
            bound = count(clause.asked, "maxItems")
            most = bound if most is None else most if bound is None else min(most, bound)
        prefix, items = self._items(demand)
        if items is None:
            most = len(prefix) if most is None else min(most, len(prefix))
        if most is not None and least > most:
            return NOTHING
        return json_text.array(prefix, NOTHING if items is None else items, least, most)

    def _items(self, demand: Demand) -> tuple[list[Language], Language | None]:
        """What the first items must be, and all behind them; None where there are none."""
        clauses = [clause for clause in demand.clauses if not clause.asked.keys().isdisjoint({"items", "prefixItems"})]
        with_prefix = [clause for clause in clauses if "prefixItems" in clause.asked]
        if not clauses:
            raise unsupported("an array without items, or a schema without a type")
        if not with_prefix:
            return [], self.language([clause.inner(clause.asked["items"]) for clause in clauses])
        if len(clauses) > 1 or not isinstance(with_prefix[0].asked["prefixItems"], list):
            raise unsupported("prefixItems that are no list, or together with other items")
        (clause,) = clauses
        items = clause.asked.get("items", False)
        prefix = [self.language([clause.inner(schema)]) for schema in clause.asked["prefixItems"]]
        return prefix, None if items is False else self.language([clause.inner(items)])

    def _object(self, demand: Demand) -> Language:
        clauses = demand.clauses
        names = list(dict.fromkeys(name for clause in clauses for name in _properties(clause)))
        required = {name for clause in clauses for name in required_of(clause)}
        maps = [clause for clause in clauses if isinstance(_additional(clause), dict)]
        if not names and not required and maps:
            return self._map(maps)
        if not names or not required <= {*names}:
            raise unsupported(f"an object without properties, or required {sorted(required)}, not all among them")
        possible = [name for name in names if not any(lacks(clause, name) for clause in clauses)]
        if not required <= {*possible}:
            return NOTHING
        members = [(self._member(name, demand, maps), name in required) for name in possible]
        return Sequence((literal("{"), _members(members), literal("}")))

    def _member(self, name: str, demand: Demand, maps: list[Placed]) -> Language:
        schemas = members_named(demand, name)
        schemas += [clause.inner(_additional(clause)) for clause in maps if name not in _properties(clause)]
        return Sequence((Words(written([name])), COLON, self.language(schemas)))

    def _map(self, maps: list[Placed]) -> Language:
        """Any names, and the same asked of all their values."""
        value = self.language([clause.inner(_additional(clause)) for clause in maps])
        member = Sequence((strings([]), COLON, value))
        more = Repeat(Sequence((COMMA, member)), 0, None)
        return Sequence((literal("{"), optional(Sequence((member, more))), literal("}")))


def _properties(clause: Placed) -> dict[str, Any]:
    found = clause.asked.get("properties", {})
    if not isinstance(found, dict):
        raise unsupported(f"properties {found}, which must be schemas by their names")
    return found


def _additional(clause: Placed) -> Any:
    found = clause.asked.get("additionalProperties", True)
    if not isinstance(found, (bool, dict)):
        raise unsupported(f"additionalProperties {found}, which must be true, false or a schema")
    return found


def _members(members: list[tuple[Language, bool]]) -> Language:
    """Properties with commas between them; each either required or optional."""
    options: list[Language] = []
    for place, (member, required) in enumerate(members):
        later = [(Sequence((COMMA, other)), needed) for other, needed in members[place + 1 :]]
        options.append(Sequence((member, *(other if needed else optional(other) for other, needed in later))))
        if required:
            return Choice(tuple(options))
    return Choice((*options, Sequence(())))
