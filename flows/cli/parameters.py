"""Flags as parameters of a function, in the form in which cyclopts reads them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Annotated, Any

from cyclopts import Group, Parameter

from flows.cli.flags import REPEATED, Flag
from flows.cli.groups import OPTIONS

ONE_LETTER = {"--output": "-o", "--count": "-n"}


def parameters(flags: Iterable[Flag]) -> list[inspect.Parameter]:
    """The flags as keyword-only parameters, grouped in the help in their order."""
    flags = list(flags)
    order = {name: number for number, name in enumerate(dict.fromkeys(flag.group for flag in flags))}
    groups = {name: Group(name, sort_key=11 + number) for name, number in order.items()} | {OPTIONS.name: OPTIONS}
    return [_parameter(flag, groups[flag.group]) for flag in flags]


def _parameter(flag: Flag, group: Group) -> inspect.Parameter:
    kind: Any = str
    if flag.shape == "switch":
        kind = bool
    elif flag.shape in REPEATED:
        kind = list[str]
    described = Parameter(
        name=[*flag.names, *([ONE_LETTER[flag.names[0]]] if flag.names[0] in ONE_LETTER else [])],
        help=f"{flag.help} [default: {flag.default}]" if flag.default is not None else flag.help,
        show_default=False,
        metavar=flag.metavar or None,
        choices=flag.choices or None,
        group=group,
        allow_leading_hyphen=flag.shape == "number",  # negative numbers
        negative_iterable=(),
        negative_none=(),
    )
    return inspect.Parameter(
        flag.identifier,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if flag.required else None,
        annotation=Annotated[kind if flag.required else kind | None, described],
    )


def with_flags(function: Callable[..., int], flags: Iterable[Flag]) -> Callable[..., int]:
    """The function with the flags as parameters, for cyclopts to call; it gets them through its own ``**given``."""
    own = list(inspect.signature(function, eval_str=True).parameters.values())
    positional = [item for item in own if item.kind is inspect.Parameter.POSITIONAL_ONLY]
    keywords = [item for item in own if item.kind is inspect.Parameter.KEYWORD_ONLY]

    def run(*arguments: Any, **given: Any) -> int:
        return function(*arguments, **given)

    listed = [*positional, *parameters(flags), *keywords]
    run.__name__, run.__doc__ = function.__name__, function.__doc__
    run.__signature__ = inspect.Signature(listed, return_annotation=int)  # type: ignore[attr-defined]
    run.__annotations__ = {item.name: item.annotation for item in listed}
    return run
