"""How values look as JSON: strings with their escapes, numbers, separators."""

from __future__ import annotations

import json

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
_DATE = f"(19|20)[0-9]{{2}}-{_MONTHS_AND_DAYS}"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
FORMATS = {
    "date": _DATE,
    "time": _TIME,
    "date-time": f"{_DATE}T{_TIME}",
    "uuid": "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
}
"""Of strings; regular expressions for what RFC 3339 and RFC 4122 allow, without the 29th of February."""


def string(content: Language) -> Language:
    """A string whose characters are a text of content."""
    return Sequence((QUOTE, _escaped(content), QUOTE))


def any_string(least: int, most: int | None) -> Language:
    """A string of least to most characters."""
    return string(Repeat(OneOf(ANY), least, most))


def array(item: Language, least: int, most: int | None) -> Language:
    """A list of least to most items."""
    if most == 0:
        return literal("[]")
    more = Repeat(Sequence((COMMA, item)), max(least - 1, 0), None if most is None else most - 1)
    filled = Sequence((item, more))
    return Sequence((literal("["), filled if least else optional(filled), literal("]")))


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
