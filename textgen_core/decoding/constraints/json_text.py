"""How values look as JSON: strings with their escapes, numbers, separators."""

from __future__ import annotations

import json
from collections.abc import Iterable

from textgen_core.decoding.constraints.characters import ANY
from textgen_core.decoding.constraints.language import (
    Choice,
    Common,
    Language,
    OneOf,
    Repeat,
    Sequence,
    Words,
    literal,
    optional,
)
from textgen_core.decoding.constraints.pattern import parse

ESCAPES = {'"': '"', "\\": "\\", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}
"""Characters that must be escaped, and how; other controls stay out, and so do other escapes: none is needed."""

_PLAIN = ANY.without([(0, 31), (ord('"'), ord('"')), (ord("\\"), ord("\\"))])

QUOTE = literal('"')
COMMA = parse(", ?")
COLON = parse(": ?")
"""With a space or without, as models learn both."""

NUMBER = parse(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?([eE][+-]?[0-9]{1,2})?")
"""What a float can hold."""

_MONTHS_AND_DAYS = (
    "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
)
_LEAP_YEARS = "(19(0[48]|[2468][048]|[13579][26])|20(0[048]|[2468][048]|[13579][26]))"
_DATE = f"((19|20)[0-9]{{2}}-{_MONTHS_AND_DAYS}|{_LEAP_YEARS}-02-29)"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
FORMATS = {
    "date": _DATE,
    "time": _TIME,
    "date-time": f"{_DATE}T{_TIME}",
    "uuid": "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "ipv4": rf"{_OCTET}(\.{_OCTET}){{3}}",
}
"""Of strings; regular expressions of what RFC 3339 (years from 1900 to 2099), RFC 4122 and RFC 2673 allow."""


def string(content: Language) -> Language:
    """A string whose characters are a text of content."""
    return Sequence((QUOTE, _escaped(content), QUOTE))


def array(prefix: Iterable[Language], item: Language, least: int, most: int | None) -> Language:
    """A list of least to most items: each of the prefix in its place, and then any of item."""
    first = list(prefix)[:most]
    behind = None if most is None else most - len(first)
    rest: Language = Repeat(Sequence((COMMA, item)), max(least - len(first), 0), behind)
    if not first:
        if behind == 0:
            return literal("[]")
        more = Repeat(Sequence((COMMA, item)), max(least - 1, 0), None if behind is None else behind - 1)
        rest = Sequence((item, more))
        return Sequence((literal("["), rest if least else optional(rest), literal("]")))
    for place in reversed(range(len(first))):
        rest = Sequence((*((COMMA,) if place else ()), first[place], rest))
        rest = rest if place < least else optional(rest)
    return Sequence((literal("["), rest, literal("]")))


def _escaped(language: Language) -> Language:
    match language:
        case OneOf(characters):
            plain = characters.without(_PLAIN.complement())
            special = [literal("\\" + name) for character, name in ESCAPES.items() if characters.holds(ord(character))]
            return Choice((OneOf(plain), *special))
        case Sequence(parts):
            return Sequence(tuple(map(_escaped, parts)))
        case Choice(options):
            return Choice(tuple(map(_escaped, options)))
        case Repeat(body, least, most):
            return Repeat(_escaped(body), least, most)
        case Words(texts):
            return Words(tuple(json.dumps(text, ensure_ascii=False)[1:-1] for text in texts))
        case Common(languages, just_one):
            return Common(tuple(map(_escaped, languages)), just_one)
