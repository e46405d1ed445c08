"""A schema as alternatives, each of one type: what ``$ref``, ``allOf``, ``anyOf`` and ``oneOf`` come to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from textgen_core.decoding.constraints.keywords import COMBINING, KEYWORDS, NOTES, VALUES, Schema, listed, unsupported
from textgen_core.decoding.constraints.limits import Meter
from textgen_core.decoding.constraints.values import identity, values_of

MOST_DEPTH = 30
"""Schemas within schemas, references followed."""
MOST_RECURSION = 3
"""How often a reference is followed within what it refers to; there its values end, as deep ones do in the end."""
MOST_SCHEMAS = 20_000
"""Read in all, each as often as it is referred to."""

NUMERIC = {"integer", "number"}


@dataclass(frozen=True, slots=True)
class Placed:
    """A schema, or keywords of one, and where in the whole it is read: how deep, and within which references."""

    asked: Any
    depth: int = 0
    within: tuple[str, ...] = ()

    def inner(self, asked: Any) -> Placed:
        """A schema in this one."""
        return Placed(asked, self.depth + 1, self.within)


@dataclass(frozen=True, slots=True)
class Demand:
    """All that is asked of values of one type.

    Attributes:
        clauses: keywords, all to be obeyed.
        just_one: groups of options, each with its alternatives; of each group exactly one option is to be obeyed.
    """

    kind: str
    clauses: tuple[Placed, ...] = ()
    just_one: tuple[tuple[tuple[Demand, ...], ...], ...] = ()


Alternatives = list[Demand]


class Reader:
    """Reads the schemas of one root."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._meter = Meter(MOST_SCHEMAS, "schemas, each as often as it is referred to")

    def alternatives(self, placed: Placed) -> Alternatives:
        """What obeys any of these, and nothing else, obeys the schema.

        Raises:
            SettingsError: it asks what can't be kept.
        """
        self._meter.spend()
        schema = placed.asked
        if not isinstance(schema, dict) or placed.depth > MOST_DEPTH:
            raise unsupported(f"{schema!s:.100}, nested {placed.depth} deep")
        asked = {key: value for key, value in schema.items() if key not in NOTES}
        found = _own({key: value for key, value in asked.items() if key not in COMBINING}, placed)
        for part in self._combined(asked, placed):
            found = _product(found, part)
            self._meter.spend(len(found))
        return found

    def common(self, schemas: Sequence[Placed]) -> Alternatives:
        """What obeys all of several schemas; there is one at least."""
        found = self.alternatives(schemas[0])
        for schema in schemas[1:]:
            found = _product(found, self.alternatives(schema))
        return found

    def _combined(self, asked: Schema, placed: Placed) -> Iterator[Alternatives]:
        if "$ref" in asked:
            yield self._referred(str(asked["$ref"]), placed)
        for schema in listed(asked["allOf"], "allOf") if "allOf" in asked else ():
            yield self.alternatives(placed.inner(schema))
        if "anyOf" in asked:
            options = [self.alternatives(placed.inner(schema)) for schema in listed(asked["anyOf"], "anyOf")]
            yield [each for option in options for each in option]
        if "oneOf" in asked:
            yield self._just_one([self.alternatives(placed.inner(each)) for each in listed(asked["oneOf"], "oneOf")])

    def _referred(self, reference: str, placed: Placed) -> Alternatives:
        """Those of the schema that "#/$defs/Name" names."""
        found = self._root
        for part in reference.removeprefix("#").split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            found = found.get(name) if isinstance(found, dict) else None
        if not reference.startswith("#") or found is None:
            raise unsupported(f"$ref {reference}")
        if placed.within.count(reference) > MOST_RECURSION:
            return []
        return self.alternatives(Placed(found, placed.depth + 1, (*placed.within, reference)))

    def _just_one(self, options: Sequence[Alternatives]) -> Alternatives:
        """Exactly one of several options. What may overlap is told apart by its texts where these are exact."""
        found: Alternatives = []
        for kind in KEYWORDS:
            having = [[each for each in option if each.kind == kind] for option in options]
            having = [each for each in having if each]
            pairs = [(one, other) for place, one in enumerate(having) for other in having[:place]]
            if all(self.apart(one, other) for one, other in pairs):
                found += [each for option in having for each in option]
            elif all(map(_is_exact, (each for option in having for each in option))):
                found.append(Demand(kind, just_one=(tuple(map(tuple, having)),)))
            else:
                raise unsupported(f"oneOf whose options may overlap: two of type {kind}. Use anyOf, or tell them apart")
        if len({each.kind for each in found} & NUMERIC) > 1:
            raise unsupported("oneOf of integers and of numbers")
        return found

    def apart(self, some: Alternatives, others: Alternatives) -> bool:
        """Whether surely no value obeys one of each."""
        return all(self._are_apart(one, other) for one in some for other in others)

    def _are_apart(self, one: Demand, other: Demand) -> bool:
        if one.kind != other.kind:
            return not {one.kind, other.kind} <= NUMERIC
        if one.kind == "object" and self._members_apart(one, other):
            return True
        some, others = _enumerated(one), _enumerated(other)
        return some is not None and others is not None and not some & others

    def _members_apart(self, one: Demand, other: Demand) -> bool:
        """Whether a property that one of them requires can't be the same in both."""
        for some, others in ((one, other), (other, one)):
            for clause in some.clauses:
                for name in required_of(clause):
                    if any(lacks(each, name) for each in others.clauses):
                        return True
                    if any(
                        self.apart(self.alternatives(a), self.alternatives(b))
                        for a in members_named(some, name)
                        for b in members_named(others, name)
                    ):
                        return True
        return False


def lacks(clause: Placed, name: str) -> bool:
    """Whether an object that obeys the clause can't have this property."""
    return clause.asked.get("additionalProperties") is False and name not in clause.asked.get("properties", ())


def required_of(clause: Placed) -> list[str]:
    """The properties that a clause requires."""
    required = clause.asked.get("required", [])
    if not isinstance(required, list):
        raise unsupported(f"required {required}, which must be a list")
    return list(map(str, required))


def members_named(demand: Demand, name: str) -> list[Placed]:
    """What is asked of a property."""
    found = [(clause, clause.asked.get("properties", {})) for clause in demand.clauses]
    return [clause.inner(schemas[name]) for clause, schemas in found if isinstance(schemas, dict) and name in schemas]


def _own(asked: Schema, placed: Placed) -> Alternatives:
    """What the keywords ask that are not of other schemas."""
    kinds = asked.get("type", list(KEYWORDS))
    names = kinds if isinstance(kinds, list) else [kinds]
    known = [name for name in names if isinstance(name, str) and name in KEYWORDS]
    if len(known) < len(names) or not names:
        raise unsupported(f"type {names}")
    if unknown := asked.keys() - {"type", *VALUES}.union(*(KEYWORDS[name] for name in known)):
        raise unsupported(f"{', '.join(sorted(unknown))} of type {', '.join(known)}")
    if "number" in known and "integer" in known:
        known.remove("integer")
    demands = []
    for name in known:
        if values_of(name, [asked]) == []:
            continue
        of_kind = {key: value for key, value in asked.items() if key in KEYWORDS[name] or key in VALUES}
        demands.append(Demand(name, (Placed(of_kind, placed.depth, placed.within),) if of_kind else ()))
    return demands


def _product(some: Alternatives, others: Alternatives) -> Alternatives:
    return [both for one in some for other in others for both in _both(one, other)]


def _both(one: Demand, other: Demand) -> Alternatives:
    kinds = {one.kind, other.kind}
    if len(kinds) > 1 and kinds != NUMERIC:
        return []
    kind = one.kind if len(kinds) == 1 else "integer"
    return [Demand(kind, one.clauses + other.clauses, one.just_one + other.just_one)]


def _is_exact(demand: Demand) -> bool:
    """Whether a value obeys it just if its text is one of its texts: not where a format or a form leaves some out."""
    formats = any("format" in clause.asked for clause in demand.clauses)
    return demand.kind in ("string", "integer", "boolean", "null") and not formats


def _enumerated(demand: Demand) -> set[str] | None:
    """The values that are all there are, by their identities; None where they are not listed."""
    found = values_of(demand.kind, [clause.asked for clause in demand.clauses])
    return None if found is None else set(map(identity, found))
