"""What is asked of strings and of numbers, as languages."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal

from textgen_core.decoding.constraints import json_text
from textgen_core.decoding.constraints.characters import ANY
from textgen_core.decoding.constraints.decimals import decimals
from textgen_core.decoding.constraints.integers import GREATEST, integers
from textgen_core.decoding.constraints.keywords import BOUNDS, Schema, count, number, unsupported
from textgen_core.decoding.constraints.language import NOTHING, Common, Language, OneOf, Repeat
from textgen_core.decoding.constraints.pattern import parse

BEYOND = Decimal(10) ** 400
"""More than any float."""

Bound = tuple[Decimal, bool]
"""A number, and whether it is itself left out."""


def strings(clauses: Iterable[Schema]) -> Language:
    """Strings that obey all clauses."""
    contents: list[Language] = []
    for asked in clauses:
        if "pattern" in asked:
            contents.append(parse(str(asked["pattern"]), within=True))
        if "format" in asked:
            if str(asked["format"]) not in json_text.FORMATS:
                raise unsupported(f"format {asked['format']}, which is none of {', '.join(json_text.FORMATS)}")
            contents.append(parse(json_text.FORMATS[str(asked["format"])]))
        least, most = count(asked, "minLength"), count(asked, "maxLength")
        if least is not None or most is not None:
            contents.append(Repeat(OneOf(ANY), least or 0, most) if most is None or (least or 0) <= most else NOTHING)
    if len(contents) > 1:
        return json_text.string(Common(tuple(contents)))
    return json_text.string(contents[0] if contents else Repeat(OneOf(ANY), 0, None))


def whole_numbers(clauses: Iterable[Schema]) -> Language:
    """Integers within all bounds, of digits that every reader of JSON keeps."""
    (least, above), (most, below) = _bounds(clauses)
    low = math.floor(least) + 1 if above else math.ceil(least)
    high = math.ceil(most) - 1 if below else math.floor(most)
    return integers(max(low, -GREATEST), min(high, GREATEST))


def numbers(clauses: Iterable[Schema]) -> Language:
    """Numbers within all bounds: with any, decimals without an exponent."""
    clauses = list(clauses)
    if not any(BOUNDS & asked.keys() for asked in clauses):
        return json_text.NUMBER
    (least, above), (most, below) = _bounds(clauses)
    return decimals(least, above, most, below)


def is_within(value: float, clauses: Iterable[Schema]) -> bool:
    """Whether a number is within all bounds."""
    (least, above), (most, below) = _bounds(clauses)
    exact = Decimal(repr(value))
    return (exact > least if above else exact >= least) and (exact < most if below else exact <= most)


def _bounds(clauses: Iterable[Schema]) -> tuple[Bound, Bound]:
    """The highest lower and the lowest upper bound."""
    low, high = [(-BEYOND, False)], [(BEYOND, False)]
    for asked in clauses:
        for keyword, bounds, strictly in (
            ("minimum", low, False),
            ("exclusiveMinimum", low, True),
            ("maximum", high, False),
            ("exclusiveMaximum", high, True),
        ):
            value = number(asked, keyword)
            if value is not None:
                bounds.append((Decimal(repr(value)), strictly))
    return max(low), min(high, key=lambda bound: (bound[0], not bound[1]))
