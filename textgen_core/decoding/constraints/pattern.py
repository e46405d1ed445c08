"""Regular expressions of Python's ``re``, as far as they are regular: the text as a whole must match.

No lookaround, back-reference, word boundary, flag, atomic group or possessive quantifier. ``^`` and ``$`` may stand
where they change nothing, at the ends of the pattern's alternatives. Greedy and lazy are the same here.
"""

from __future__ import annotations

import re
import warnings

from textgen_core.decoding.constraints import characters
from textgen_core.decoding.constraints.characters import Characters
from textgen_core.decoding.constraints.language import Choice, Language, OneOf, Repeat, Sequence
from textgen_core.errors import SettingsError

MOST_DEPTH = 50
"""Parentheses within parentheses; what is deeper could exhaust the stack."""

CLASSES = {"d": characters.digits, "s": characters.spaces, "w": characters.word_characters}
CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
HEXADECIMAL = {"x": 2, "u": 4, "U": 8}
QUANTIFIER = re.compile(r"[*+?]|\{([0-9]*)(?:(,)([0-9]*))?\}")


def parse(pattern: str, within: bool = False) -> Language:
    """The language of a regular expression; within: of texts that hold one of its texts, as anchors allow.

    Raises:
        SettingsError: Python's re does not take it, or it is not regular.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # a set whose meaning will change is refused
            re.compile(pattern)
    except (re.error, FutureWarning, ValueError, OverflowError, RecursionError) as error:
        raise _refused(pattern, error) from None
    return _Parser(pattern, within).whole()


def _refused(pattern: str, received: object) -> SettingsError:
    return SettingsError(
        "a regular expression must be one of Python's re",
        f"{received} in {pattern!r:.100}",
        "Mend the expression",
    )


class _Parser:
    """Reads a pattern from left to right. That its syntax is right is known."""

    def __init__(self, pattern: str, within: bool) -> None:
        self._pattern = pattern
        self._around = [Repeat(OneOf(characters.ANY), 0, None)] if within else []
        self._at = self._depth = 0

    def whole(self) -> Language:
        return self._alternatives()

    def _peek(self, text: str) -> bool:
        return self._pattern.startswith(text, self._at)

    def _skip(self, text: str) -> bool:
        """Whether text comes next; if so it is behind us."""
        found = self._peek(text)
        self._at += len(text) * found
        return found

    def _next(self, count: int = 1) -> str:
        self._at += count
        return self._pattern[self._at - count : self._at]

    def _unsupported(self, what: str) -> SettingsError:
        remedy = (
            "Lookaround, back-references, boundaries, flags, atomic groups and possessive quantifiers are not taken"
        )
        return SettingsError("a regular expression must be regular", f"{what} in {self._pattern!r:.100}", remedy)

    def _alternatives(self) -> Language:
        options = [self._sequence()]
        while self._skip("|"):
            options.append(self._sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Language:
        parts: list[Language] = []
        if not self._depth and not (self._skip("^") or self._skip(r"\A")):
            parts += self._around
        while self._at < len(self._pattern) and not self._peek("|") and not self._peek(")"):
            if not self._depth and (self._skip("$") or self._skip(r"\Z")):
                if self._at < len(self._pattern) and not self._peek("|"):
                    raise self._unsupported("an anchor inside")
                break
            parts.append(self._quantified(self._atom()))
        else:
            parts += () if self._depth else self._around
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _quantified(self, body: Language) -> Language:
        """The body with the quantifier that follows it. Python's re allows one only."""
        found = QUANTIFIER.match(self._pattern, self._at)
        if found is None or found[0] == "{}":
            return body
        self._at = found.end()
        if self._skip("+"):
            raise self._unsupported("a possessive quantifier")
        self._skip("?")
        if found[0] in "*+?":
            return Repeat(body, int(found[0] == "+"), 1 if found[0] == "?" else None)
        least = int(found[1] or 0)
        most = least if found[2] is None else int(found[3]) if found[3] else None
        return Repeat(body, least, most)

    def _atom(self) -> Language:
        character = self._next()
        if character == "(":
            return self._group()
        if character == "[":
            return OneOf(self._set())
        if character == "\\":
            return OneOf(self._escape(inside=False))
        if character == ".":
            return OneOf(Characters.single("\n").complement())
        if character in "^$":
            raise self._unsupported("an anchor inside")
        return OneOf(Characters.single(character))

    def _group(self) -> Language:
        if self._skip("?P<"):
            self._at = self._pattern.index(">", self._at) + 1
        elif self._peek("?") and not self._skip("?:"):
            raise self._unsupported(f"(?{self._pattern[self._at + 1 : self._at + 3]}")
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise self._unsupported(f"more than {MOST_DEPTH} parentheses in one another")
        body = self._alternatives()
        self._depth -= 1
        self._skip(")")
        return body

    def _set(self) -> Characters:
        negated = self._skip("^")
        found = characters.NONE
        first = True
        while first or not self._peek("]"):
            first = False
            item = self._member()
            if self._peek("-") and not self._pattern.startswith("-]", self._at):
                self._next()
                item = Characters([(item[0][0], self._member()[0][0])])
            found = found.union(item)
        self._next()
        return found.complement() if negated else found

    def _member(self) -> Characters:
        character = self._next()
        return self._escape(inside=True) if character == "\\" else Characters.single(character)

    def _escape(self, inside: bool) -> Characters:
        """What the escape whose backslash is behind us stands for."""
        name = self._next()
        if name.lower() in CLASSES:
            named = CLASSES[name.lower()]()
            return named if name.islower() else named.complement()
        if name in CONTROLS:
            return Characters.single(CONTROLS[name])
        if name in HEXADECIMAL:
            return Characters.single(chr(int(self._next(HEXADECIMAL[name]), 16)))
        if name == "b" and inside:
            return Characters.single("\b")
        if name.isascii() and name.isalnum():
            return self._octal(name)
        return Characters.single(name)

    def _octal(self, name: str) -> Characters:
        found = re.compile("0[0-7]{0,2}|[0-3][0-7]{2}").match(self._pattern, self._at - 1)
        if found is None:
            raise self._unsupported("\\" + name)
        self._at = found.end()
        return Characters.single(chr(int(found[0], 8)))
