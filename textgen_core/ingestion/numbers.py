"""Which spelt numbers a float stands for."""

from __future__ import annotations

import re
from decimal import Decimal

EXACT = 2**53
"""Up to here a float is every integer."""

_INTEGER = re.compile(r"[+-]?[0-9]+")


def is_integer(cell: str) -> bool:
    """Whether a number is spelt with digits and a sign alone."""
    return _INTEGER.fullmatch(cell) is not None


def keeps_value(cell: str) -> bool:
    """Whether the float that a number spells is written with its value: 3.10 is as good as 3.1, and 0.1 is 0.1, but of
    1234567890123456789 and of 0.12345678901234567890 digits are lost."""
    return Decimal(repr(float(cell))) == Decimal(cell)
