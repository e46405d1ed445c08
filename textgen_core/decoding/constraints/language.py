"""Regular languages as trees: what regular expressions, choices and schemas are turned into."""

from __future__ import annotations

from dataclasses import dataclass

from textgen_core.decoding.constraints.characters import Characters


@dataclass(frozen=True, slots=True)
class OneOf:
    """One character of a set."""

    characters: Characters


@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after the other; with no part the empty text."""

    parts: tuple[Language, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Any one of the options; with no option nothing matches."""

    options: tuple[Language, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The body from least to most times; most None is without end."""

    body: Language
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Words:
    """Any one of these texts: a choice that may have thousands of options."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Common:
    """The texts that are in each of the languages; or, where just_one is set, in one of them and in no other."""

    languages: tuple[Language, ...]
    just_one: bool = False


Language = OneOf | Sequence | Choice | Repeat | Words | Common

EMPTY = Sequence(())
"""Nothing but the empty text."""
NOTHING = Choice(())
"""No text at all."""


def literal(text: str) -> Language:
    """Just this text."""
    return Sequence(tuple(OneOf(Characters.single(character)) for character in text))


def optional(body: Language) -> Language:
    """The body or nothing."""
    return Repeat(body, 0, 1)
