"""What the command line needs to know about the fields of a settings class."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Shape = Literal["text", "number", "switch", "many", "list", "named", "pairs"]
"""How a value is given: a word, a number, not at all, several words, or ``key=value,...`` groups of three kinds."""

UNIONS = (Union, types.UnionType)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field that holds no settings of its own.

    Attributes:
        path: its name, after those of the settings it lies in.
        field: pydantic's description of it.
        group: heading under which it is listed.
        about: if it tells the variants of a union apart, the description of the union.
        implied: if it tells the variants of a union apart, the variant that is the default ("" for none); else None.
        variant: the variant of a union that it belongs to.
        preset: whether a preset has its default, or that of the settings that it lies in.
    """

    path: tuple[str, ...]
    field: FieldInfo
    group: str
    about: str = ""
    implied: str | None = None
    variant: str | None = None
    preset: bool = False


def leaves(kind: type[BaseModel]) -> Iterator[Leaf]:
    """Every leaf of a settings class, nested settings and all variants of a union included."""
    for name, field in kind.model_fields.items():
        inner = [member for member in members(field.annotation) if is_model(member)]
        if not inner:
            yield Leaf((name,), field, "Options")
        for member in inner:
            yield from (_inside(name, field, member, leaf) for leaf in leaves(member))


def _inside(name: str, outer: FieldInfo, kind: type[BaseModel], leaf: Leaf) -> Leaf:
    """A leaf of the settings in a field, as a leaf of those that the field belongs to."""
    place = replace(leaf, path=(name, *leaf.path), group=name.replace("_", " ").capitalize())
    tag = outer.discriminator
    if not isinstance(tag, str):
        return place
    default = outer.get_default(call_default_factory=True)
    preset = default is None and type(None) not in members(outer.annotation, keep_none=True)
    if leaf.path == (tag,):
        about = outer.description or ""
        return replace(place, about=about, implied=str(getattr(default, tag, "")), preset=preset)
    return replace(place, variant=str(kind.model_fields[tag].default), preset=preset)


def members(annotation: Any, keep_none: bool = False) -> list[Any]:
    """The types that a field accepts."""
    if get_origin(annotation) is Annotated:
        return members(get_args(annotation)[0], keep_none)
    if get_origin(annotation) in UNIONS:
        return [inner for member in get_args(annotation) for inner in members(member, keep_none)]
    return [annotation] if keep_none or annotation is not type(None) else []


def is_model(kind: Any) -> bool:
    """Whether a type is a settings class."""
    return inspect.isclass(kind) and issubclass(kind, BaseModel)


def literals(kinds: Sequence[Any]) -> tuple[str, ...]:
    """The words that a field accepts outright."""
    return tuple(str(value) for kind in kinds if get_origin(kind) is Literal for value in get_args(kind))


def shape_of(kinds: Sequence[Any]) -> Shape:
    """How a field's value is given on the command line."""
    origins = {get_origin(kind) or kind for kind in kinds}
    items = [inner for kind in kinds for item in get_args(kind) if item is not Ellipsis for inner in members(item)]
    if dict in origins:
        return "named" if any(map(is_model, items)) else "pairs"
    if origins & {tuple, list, set, frozenset}:
        return "list" if any(map(is_model, items)) else "many"
    if origins == {bool}:
        return "switch"
    return "number" if origins <= {int, float} else "text"


def metavar_of(kinds: Sequence[Any], shape: Shape) -> str:
    """The placeholder of a field's value in the help."""
    if shape in ("list", "named", "pairs"):
        return "KEY=VALUE"
    if shape == "many":
        items = [inner for kind in kinds for item in get_args(kind) if item is not Ellipsis for inner in members(item)]
        return metavar_of(items, "text")
    origins = {get_origin(kind) or kind for kind in kinds}
    if origins == {Literal}:
        return "CHOICE"
    if Path in origins:
        return "PATH"
    return "NUMBER" if origins <= {int, float} else "TEXT"


def default_text(field: FieldInfo) -> str | None:
    """A field's default as the help shows it; None where there is nothing to show."""
    if field.is_required():
        return None
    value = field.get_default(call_default_factory=True)
    if value is None:
        return None if type(None) in members(field.annotation, keep_none=True) else "the preset's"
    if value in ((), [], {}, ""):
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (tuple, list)):
        return None if any(isinstance(item, BaseModel) for item in value) else ", ".join(map(_visible, value))
    return None if isinstance(value, (Mapping, BaseModel)) else str(value)


def _visible(item: object) -> str:
    """As it is, or escaped where a line end or the like would tear the help."""
    text = str(item)
    return text if text.isprintable() else repr(text)
