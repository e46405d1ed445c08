"""What is wrong with settings, in the words of whoever wrote them: pydantic's errors name unions and validators too."""

from __future__ import annotations

import difflib
import inspect
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError

UNIONS = (Union, types.UnionType)
LONGEST = 80
"""Characters shown of a value."""
MISSING = "must be given"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        where: the names and indices that lead to it.
        what: what must hold and what was found, without where.
    """

    where: tuple[str, ...]
    what: str

    def of(self, name: str) -> str:
        """The fault as a sentence about name."""
        return f"{name} {self.what}" if self.what == MISSING else f"{name}: {self.what}"

    def __str__(self) -> str:
        return self.of(".".join(self.where)) if self.where else self.what


def faults(kind: type[BaseModel], error: ValidationError) -> list[Fault]:
    """All that was wrong with values that should have become settings of this kind."""
    return [_fault(kind, fault) for fault in error.errors()]


def _fault(kind: type[BaseModel], fault: Any) -> Fault:
    *path, last = fault["loc"] or ("",)
    if fault["type"] == "extra_forbidden":
        where, parents, others = _follow(kind, path)
        return Fault((*where, str(last)), _unknown(str(last), parents, others))
    where, _, _ = _follow(kind, fault["loc"])
    if fault["type"] == "missing":
        return Fault(where, MISSING)
    message = fault["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return Fault(where, f"{message[:1].lower()}{message[1:]}{_received(fault)}")


def _received(fault: Any) -> str:
    value = fault.get("ctx", {}).get("tag", fault["input"])
    if isinstance(value, (Mapping, BaseModel)):
        return ""
    text = str(value)
    return f"; received: {text if len(text) <= LONGEST else text[:LONGEST] + '...'}"


def _unknown(name: str, parents: Sequence[Any], others: Sequence[Any]) -> str:
    """Says of an unknown setting whose it would be, or which one was perhaps meant."""
    owners = [tag for other in others if name in other.model_fields for tag in _tags(other)]
    if owners:
        return f"belongs to {' and '.join(owners)}, not to {' and '.join(tag for one in parents for tag in _tags(one))}"
    known = [field for parent in parents for field in parent.model_fields]
    near = difflib.get_close_matches(name, known, 1)
    return f"no such setting; {f'did you mean {near[0]}?' if near else 'there are ' + ', '.join(known)}"


def _follow(kind: type[BaseModel], location: Sequence[Any]) -> tuple[tuple[str, ...], list[Any], list[Any]]:
    """The names on the way, the settings classes at its end, and the variants that were not chosen there."""
    here: list[Any] = [kind]
    others: list[Any] = []
    where: list[str] = []
    for part in location:
        chosen = [one for one in here if part in _tags(one)] if len(here) > 1 else []
        if chosen:
            others = [_bare(one) for one in here if one not in chosen and _is_model(_bare(one))]
            here = chosen
        elif inside := [found for one in here for found in _inside(_bare(one), part)]:
            here, others = inside, []
            where.append(str(part))
        # what is left is pydantic's name of a validator or of a plain member of a union: nobody wrote it
    return tuple(where), [_bare(one) for one in here if _is_model(_bare(one))], others


def _inside(kind: Any, part: Any) -> Iterator[Any]:
    """The types at a field, a key or an index of a type."""
    arguments = [argument for argument in get_args(kind) if argument is not Ellipsis]
    if _is_model(kind):
        if part in kind.model_fields:
            yield from members(kind.model_fields[part].annotation)
    elif get_origin(kind) is dict:
        yield from members(arguments[1])
    elif get_origin(kind) in (tuple, list) and isinstance(part, int):
        yield from (member for argument in arguments for member in members(argument))


def members(annotation: Any) -> list[Any]:
    """The types that an annotation accepts, None left out; each keeps its own ``Annotated``."""
    origin = get_origin(annotation)
    if origin in UNIONS:
        return [inner for member in get_args(annotation) for inner in members(member)]
    if origin is Annotated and get_origin(get_args(annotation)[0]) in UNIONS:
        return members(get_args(annotation)[0])
    return [] if annotation is type(None) else [annotation]


def _tags(kind: Any) -> list[str]:
    """What names a variant of a union: its Tag, or the one word that a field of it can be."""
    marks = [mark.tag for mark in getattr(kind, "__metadata__", ()) if isinstance(mark, Tag)]
    bare = _bare(kind)
    fields = bare.model_fields.values() if _is_model(bare) else ()
    words = [get_args(field.annotation) for field in fields if get_origin(field.annotation) is Literal]
    return marks or [str(word[0]) for word in words if len(word) == 1]


def _bare(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _is_model(kind: Any) -> bool:
    return inspect.isclass(kind) and issubclass(kind, BaseModel)
