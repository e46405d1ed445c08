"""Which shapes a row is computed in. They follow from its own prompt and budget, never from its neighbours."""

from __future__ import annotations

import itertools

SMALLEST_CLASS = 64
SMALLEST_BUCKET = 16


def capacity_class(length: int, budget: int, grows: bool) -> int:
    """Positions of the state of a row: a multiple of 64, beyond 512 of an eighth of the next power of two.

    Each class is a program to compile, and every position is paid for in each step: beyond 512, a row pays for a
    quarter too many at most. A model whose state does not grow has one class: 0.
    """
    if not grows:
        return 0
    step = max(SMALLEST_CLASS, power_of_two(length + budget, SMALLEST_CLASS) // 8)
    return -(-(length + budget) // step) * step


def rungs(capacity: int) -> tuple[int, ...]:
    """Capacities on the way to this one, itself the last: doubling from the smallest class, and at most half of it.

    Each is a program more. A step reads every position that its tile has room for, by which memory is the limit.
    """
    lower = itertools.takewhile(lambda rung: 2 * rung <= capacity, (SMALLEST_CLASS << i for i in itertools.count()))
    return (*lower, capacity)


def prompt_bucket(length: int, max_context: int | None) -> int:
    """Tokens that a prompt is padded to for prefilling."""
    bucket = power_of_two(length, SMALLEST_BUCKET)
    return bucket if max_context is None else min(bucket, max_context)


def budget_bucket(budget: int) -> int:
    """Tokens for which a beam search keeps room."""
    return power_of_two(budget, SMALLEST_BUCKET)


def history_room(length: int, budget: int) -> int:
    """Tokens that a row can remember, where its state does not limit them."""
    return power_of_two(length + budget, SMALLEST_CLASS)


def power_of_two(number: int, least: int) -> int:
    """The first that is below neither number nor least. Each new shape is compiled anew: few are best."""
    return max(least, 1 << (number - 1).bit_length())
