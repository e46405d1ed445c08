"""What each pair of cells says by itself, and whether they say the same. Pure: figures in, answers out.

A mean over pairs that say the opposite would say something that none of them does. And an interval over texts does not
cover how pairs differ: so that of several is the hull of theirs. Intervals of several pairs hold about all at once
(Bonferroni 1936), else one of many would say something by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Answer = Literal["yes", "no", "it depends", "can't be told from this"]
DEPENDS: Answer = "it depends"
UNTOLD: Answer = "can't be told from this"

Place = tuple[str, ...]
"""Where a pair lies in the grid: the names of what its cells are, the most telling first."""


@dataclass(frozen=True, slots=True)
class Group:
    """What a pair of cells says.

    Attributes:
        label: where it lies, as far as that tells it from others.
        value: its effect.
        low: lower end of its interval; None where a single text or timing tells nothing of it.
        high: upper end.
        answer: its own.
        note: what stands behind its interval: what the charts say, and why it tells nothing although it seems sure.
    """

    label: str
    value: float
    low: float | None
    high: float | None
    answer: Answer
    note: str = ""


def labels(places: Sequence[Place]) -> list[str]:
    """The first name of each place, and those by which places differ."""
    telling = [part for part, names in enumerate(zip(*places, strict=True)) if part == 0 or len(set(names)) > 1]
    return [" ".join(place[part] for part in telling if place[part]) for place in places]


def together(groups: Sequence[Group]) -> tuple[Answer, list[Group]]:
    """What all say that tell anything, and who they are: all where none does."""
    telling = [group for group in groups if group.answer != UNTOLD]
    answers = {group.answer for group in telling}
    if not answers:
        return UNTOLD, list(groups)
    return (answers.pop() if len(answers) == 1 else DEPENDS), telling


def hull(groups: Sequence[Group]) -> tuple[float, float] | tuple[None, None]:
    """From the lowest end to the highest, the figures of those without ends included; none where no group has any."""
    if all(group.low is None for group in groups):
        return None, None
    lows = [group.value if group.low is None else group.low for group in groups]
    highs = [group.value if group.high is None else group.high for group in groups]
    return min(lows), max(highs)
