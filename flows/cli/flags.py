"""Flags made from a settings class: the same fields, defaults and docstrings as in a YAML configuration.

Values stay text until pydantic reads them, so that a bad one gives the same error here as it does there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from flows.cli.compound import read_list, read_named, read_pairs
from flows.cli.fields import Leaf, default_text, leaves, literals, members, metavar_of, shape_of
from flows.cli.fields import Shape as Shape
from textgen_core.errors import SettingsError
from textgen_core.faults import Fault, faults
from textgen_core.settings import Settings

S = TypeVar("S", bound=Settings)

REPEATED: tuple[Shape, ...] = ("many", "list", "named", "pairs")
FORMS: dict[Shape, str] = {
    "named": "Each as name=NAME,KEY=VALUE,... or as a JSON object; a lone word is a strategy.",
    "list": "Each as KEY=VALUE,... or as a JSON object.",
    "pairs": "As KEY=VALUE,...",
}
READERS: dict[Shape, Callable[[str, Any], Any]] = {"list": read_list, "named": read_named, "pairs": read_pairs}


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag of a command.

    Attributes:
        path: the field it sets, from the outermost settings inwards.
        names: as typed, e.g. ``("--layers", "--model.layers")``.
        shape: how it takes its value.
        metavar: placeholder of the value.
        choices: the words it accepts; empty for any.
        words: words it accepts besides other values.
        optional: whether ``none`` is a value.
        help: the field's docstring.
        default: as shown in the help; None for no default.
        required: whether it must be given.
        implied: for what tells the variants of a union apart: the variant meant where none is named; else None.
        group: heading in the help.
    """

    path: tuple[str, ...]
    names: tuple[str, ...]
    shape: Shape
    metavar: str
    choices: tuple[str, ...]
    words: tuple[str, ...]
    optional: bool
    help: str
    default: str | None
    required: bool
    implied: str | None
    group: str

    @property
    def identifier(self) -> str:
        """Its name as a Python parameter."""
        return "__".join(self.path)

    def read(self, value: Any) -> Any:
        """The value for pydantic: compound texts taken apart, ``none`` and lone words recognised."""
        if self.shape in READERS:
            return READERS[self.shape](self.names[0], value)
        if self.optional and isinstance(value, str) and value.lower() in ("none", "null"):
            return None
        if self.shape == "number":
            return number(value)
        if self.shape == "many" and len(value) == 1 and value[0] in self.words:
            return value[0]
        return value


def number(text: str) -> int | float | str:
    """The number that a text says; the text itself where it says none, for pydantic to name what is wrong."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def flags_of(kind: type[Settings], leave_out: Iterable[str] = ()) -> list[Flag]:
    """The flags of a settings class and of the settings inside it.

    A field of settings inside has a short name where no other field has it, and else its dotted one.
    """
    flags: dict[tuple[str, ...], Flag] = {}
    for leaf in leaves(kind):
        if leaf.path[0] not in leave_out:
            flag = _flag(leaf)
            flags[leaf.path] = _merged(flags[leaf.path], flag) if leaf.path in flags else flag
    taken = {name for flag in flags.values() if len(flag.path) == 1 for name in flag.names}
    return [_with_short_name(flag, taken) for flag in flags.values()]


def _flag(leaf: Leaf) -> Flag:
    field: FieldInfo = leaf.field
    kinds = members(field.annotation)
    words = literals(kinds)
    shape = shape_of(kinds)
    return Flag(
        path=leaf.path,
        names=_names(leaf.path, shape),
        shape=shape,
        metavar=metavar_of(kinds, shape),
        choices=words if metavar_of(kinds, shape) == "CHOICE" and shape == "text" else (),
        words=words,
        optional=type(None) in members(field.annotation, keep_none=True),
        help=_help(leaf, shape),
        default=_default(leaf),
        required=field.is_required() and len(leaf.path) == 1,
        implied=leaf.implied,
        group=leaf.group,
    )


def _default(leaf: Leaf) -> str | None:
    if leaf.preset:
        return "the preset's"
    return default_text(leaf.field) if leaf.implied is None else leaf.implied or None


def _help(leaf: Leaf, shape: Shape) -> str:
    text = " ".join((leaf.about or leaf.field.description or "").split()).replace("``", "`")
    variant = f"{leaf.variant}: " if leaf.variant else ""
    sentences = (f"{variant}{text}", FORMS.get(shape, ""), "May be repeated." if shape in REPEATED else "")
    return " ".join(filter(None, sentences))


def _names(path: tuple[str, ...], shape: Shape) -> tuple[str, ...]:
    """What may be repeated is also called in the singular: ``--sampler``, ``--samplers``."""
    name = _option(path)
    plural = name.endswith("s") and not name.endswith(("ss", "us", "as"))
    singular = shape in REPEATED and plural and len(path) == 1
    return (name[:-1], name) if singular else (name,)


def _option(path: tuple[str, ...]) -> str:
    return "--" + ".".join(path).replace("_", "-")


def _merged(one: Flag, other: Flag) -> Flag:
    """A field that several variants of a union have: its choices together, its default where they agree."""
    agree = one.default == other.default
    helps = (one.help, other.help) if agree else (_with_default(one), _with_default(other))
    return dataclasses.replace(
        one,
        choices=tuple(dict.fromkeys(one.choices + other.choices)) if one.choices and other.choices else (),
        help=one.help if other.help in one.help else _together(*helps),
        default=one.default if agree else None,
    )


def _together(said: str, more: str) -> str:
    """What variants say of a field. ``VARIANT: TEXT`` becomes ``OTHER, VARIANT: TEXT`` where another says the same."""
    variant, _, text = more.partition(": ")
    if text and f": {text}" in said:
        return said.replace(f": {text}", f", {variant}: {text}", 1)
    return f"{said} {more}".strip()


def _with_default(flag: Flag) -> str:
    """The help of one variant, whose default the others don't share."""
    return flag.help if flag.default is None else f"{flag.help} ({flag.default} by default.)"


def _with_short_name(flag: Flag, taken: set[str]) -> Flag:
    """``--tokenizer.vocab-size`` is called ``--vocab-size``, ``--tokenizer.kind`` ``--kind`` and ``--tokenizer``."""
    if len(flag.path) == 1:
        return flag
    wanted = [_option(flag.path[-1:]), *([_option(flag.path[:-1])] if flag.implied is not None else [])]
    free = tuple(name for name in wanted if name not in taken)
    taken.update(free)
    return dataclasses.replace(flag, names=free or flag.names)


def collect(flags: Iterable[Flag], given: Mapping[str, Any]) -> dict[str, Any]:
    """The values that were given, nested as the settings are. What was not given is left to the defaults."""
    values: dict[str, Any] = {}
    flags = list(flags)
    for flag in flags:
        value = given.get(flag.identifier)
        if value is not None and value != []:
            _within(values, flag.path)[flag.path[-1]] = flag.read(value)
    for flag in flags:
        inner = _find(values, flag.path[:-1])
        if flag.implied and inner:
            inner.setdefault(flag.path[-1], flag.implied)
    return values


def _within(values: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    for name in path[:-1]:
        values = values.setdefault(name, {})
    return values


def _find(values: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    for name in path:
        values = values.get(name, {})
    return values


def settings_from(kind: type[S], values: Mapping[str, Any], flags: Iterable[Flag]) -> S:
    """The settings that were given by flags.

    Raises:
        SettingsError: naming each flag at fault, what it received and what it accepts.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        told = [_told(fault, list(flags)) for fault in faults(kind, error)]
        raise SettingsError("; ".join(told), None, "Every flag and its values: --help") from None


def _told(fault: Fault, flags: Sequence[Flag]) -> str:
    """What is wrong, by the flag as typed and the place within its value where that is compound."""
    leading = [flag for flag in flags if fault.where[: len(flag.path)] == flag.path]
    choosing = [flag for flag in flags if flag.implied is not None and flag.path[:-1] == fault.where]
    below = [flag for flag in flags if fault.where and flag.path[: len(fault.where)] == fault.where]
    wanting = [flag for flag in below if flag.default is None and not flag.optional]
    if leading:
        flag = max(leading, key=lambda flag: len(flag.path))
        inner = ".".join(fault.where[len(flag.path) :]) if flag.shape in READERS else ""
        return fault.of(f"{flag.names[0]} ({inner})" if inner else flag.names[0])
    if near := choosing or wanting:
        return fault.of(near[0].names[0])
    return fault.of(".".join(fault.where) or "the flags together")
