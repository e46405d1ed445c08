"""The decimal numerals of a range of integers."""

from __future__ import annotations

from textgen_core.decoding.constraints.characters import Characters
from textgen_core.decoding.constraints.language import EMPTY, Choice, Language, OneOf, Repeat, Sequence, literal

DIGITS = 15
"""Most digits of an integer: what a float, and so every reader of JSON, holds exactly."""
GREATEST = 10**DIGITS - 1


def integers(least: int, most: int) -> Language:
    """Those from least to most, without leading zeros; nothing where there are none."""
    options: list[Language] = []
    if least < 0:
        options.append(Sequence((literal("-"), _natural(max(1, -most), -least))))
    if most >= 0:
        options.append(_natural(max(0, least), most))
    return Choice(tuple(options))


def _natural(least: int, most: int) -> Language:
    """By the number of digits."""
    options: list[Language] = []
    for digits in range(len(str(least)), len(str(most)) + 1):
        low, high = max(least, 10 ** (digits - 1) if digits > 1 else 0), min(most, 10**digits - 1)
        if low <= high:
            options.append(_alike(str(low), str(high)))
    return Choice(tuple(options))


def _alike(low: str, high: str) -> Language:
    """From low to high, of as many digits as both have."""
    if not low:
        return EMPTY
    first, last, rest = int(low[0]), int(high[0]), len(low) - 1
    if first == last:
        return Sequence((digit(first, last), _alike(low[1:], high[1:])))
    options: list[Language] = []
    if set(low[1:]) - {"0"}:
        options.append(Sequence((digit(first, first), _alike(low[1:], "9" * rest))))
        first += 1
    if set(high[1:]) - {"9"}:
        options.append(Sequence((digit(last, last), _alike("0" * rest, high[1:]))))
        last -= 1
    if first <= last:
        options.append(Sequence((digit(first, last), Repeat(digit(0, 9), rest, rest))))
    return Choice(tuple(options))


def digit(first: int, last: int) -> Language:
    """One, from first to last."""
    return OneOf(Characters([(ord("0") + first, ord("0") + last)]))
