"""The decimal numerals of a range of numbers.

With DIGITS digits at most before and behind the point together, which a float keeps apart, so that what reads a text
finds the number that is written; and without an exponent, whose numerals no automaton compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import ROUND_FLOOR, Decimal

from textgen_core.decoding.constraints.integers import DIGITS, digit, integers
from textgen_core.decoding.constraints.language import (
    EMPTY,
    NOTHING,
    Choice,
    Common,
    Language,
    Repeat,
    Sequence,
    literal,
    optional,
)

ZERO = Decimal(0)
POINT = literal(".")


def decimals(least: Decimal, above: bool, most: Decimal, below: bool) -> Language:
    """From least to most; above and below leave out the bounds themselves."""
    positive = Common((_at_least(max(least, ZERO), above and least >= 0), _at_most(most, below)))
    negative = Common((_at_least(max(-most, ZERO), below or most >= 0), _at_most(-least, above)))
    return Choice((positive, Sequence((literal("-"), negative))))


def _at_least(bound: Decimal, strictly: bool) -> Language:
    """From a bound that is not negative on."""
    whole, digits = _parts(bound)
    return _numerals(whole + 1, 10**DIGITS, whole, lambda room: _behind_at_least(digits, strictly, room))


def _at_most(bound: Decimal, strictly: bool) -> Language:
    """From 0 to a bound; nothing where it is negative."""
    if bound < 0:
        return NOTHING
    whole, digits = _parts(bound)
    return _numerals(0, whole - 1, whole, lambda room: _behind_at_most(digits, strictly, room))


def _parts(bound: Decimal) -> tuple[int, str]:
    """The whole part, and the digits behind the point up to the last that is not 0."""
    whole = int(bound.to_integral_value(ROUND_FLOOR))
    return whole, f"{bound:f}".partition(".")[2].rstrip("0")


def _numerals(least: int, most: int, whole: int, behind: Callable[[int], Language]) -> Language:
    """Whole parts from least to most with anything behind them, and one with what behind makes of the room there."""

    def options() -> Iterator[Language]:
        for length in range(1, DIGITS + 1):
            room = DIGITS - length
            low, high = max(least, 10 ** (length - 1) if length > 1 else 0), min(most, 10**length - 1)
            if low <= high:
                yield Sequence((integers(low, high), optional(Sequence((POINT, _any(1, room)))) if room else EMPTY))
            if len(str(whole)) == length:
                yield Sequence((literal(str(whole)), behind(room)))

    return Choice(tuple(options()))


def _behind_at_least(digits: str, strictly: bool, room: int) -> Language:
    more = Sequence((POINT, _digits_at_least(digits, strictly, room)))
    if digits or strictly:
        return more
    return optional(Sequence((POINT, _any(1, room)))) if room else EMPTY


def _digits_at_least(digits: str, strictly: bool, room: int) -> Language:
    """What makes a fraction at least that of the digits."""
    if not digits and not strictly:
        return _any(0, room)
    if not room:
        return NOTHING
    here = int(digits[:1] or 0)
    same = Sequence((digit(here, here), _digits_at_least(digits[1:], strictly, room - 1)))
    return Choice((same, *([Sequence((digit(here + 1, 9), _any(0, room - 1)))] if here < 9 else ())))


def _behind_at_most(digits: str, strictly: bool, room: int) -> Language:
    more = Sequence((POINT, _digits_at_most(digits, strictly, room, least=1)))
    return optional(more) if digits or not strictly else NOTHING


def _digits_at_most(digits: str, strictly: bool, room: int, least: int = 0) -> Language:
    """So many digits at least that make a fraction at most that of the digits."""
    if not digits:
        return NOTHING if strictly or room < least else Repeat(digit(0, 0), least, room)
    ended = NOTHING if least else EMPTY  # what is shorter is less: the last digit is not 0
    if not room:
        return ended
    here = int(digits[0])
    same = Sequence((digit(here, here), _digits_at_most(digits[1:], strictly, room - 1)))
    less = [Sequence((digit(0, here - 1), _any(0, room - 1)))] if here else []
    return Choice((ended, same, *less))


def _any(least: int, most: int) -> Language:
    return Repeat(digit(0, 9), least, most)
