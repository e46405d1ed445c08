"""From what pairs of cells say to a verdict. Pure: figures in, words out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textgen_core.comparison.evidence import Evidence
from textgen_core.comparison.groups import DEPENDS, UNTOLD, Answer, Group, hull, together


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer, and the figure behind it; no figure where nothing could be compared, or where it depends."""

    question: str
    answer: Answer
    effect: float | None
    low: float | None
    high: float | None
    unit: str
    reason: str


@dataclass(frozen=True, slots=True)
class Asked(ABC):
    """What people say, as a question, and what answers it.

    Attributes:
        claim: the answer as a sentence, with places for its figures.
        needed: cells that it takes.
        interval: what its interval is made of, in a few words.
        alone: that of which one gives no interval.
    """

    interval: ClassVar[str]
    alone: ClassVar[str]
    text: str
    claim: str
    needed: str
    unit: str

    @abstractmethod
    def groups(self, cells: Sequence[Evidence]) -> list[Group]:
        """What each pair of cells that can be compared says."""

    @abstractmethod
    def average(self, values: Sequence[float]) -> float:
        """Of the groups' effects."""

    @abstractmethod
    def said(self, value: float) -> str:
        """The claim of an effect."""

    @abstractmethod
    def short(self, value: float) -> str:
        """An effect in a few words."""

    def unmeasured(self, cells: Sequence[Evidence]) -> bool:
        """Whether there are cells that can be compared, and no text by which."""
        return False

    @abstractmethod
    def span(self, low: float, high: float) -> str:
        """An interval, in the words of what it is of."""

    def verdict(self, cells: Sequence[Evidence]) -> Verdict:
        """What all groups say that tell anything: their mean, between the ends of them all. It depends, where some
        surely say yes and some surely no."""
        groups = self.groups(cells)
        if not groups:
            return Verdict(self.text, UNTOLD, None, None, None, self.unit, self._missing(cells))
        answer, telling = together(groups)
        if answer == DEPENDS:
            return Verdict(self.text, answer, None, None, None, self.unit, self._listed(groups))
        value, (low, high) = self.average([group.value for group in telling]), hull(telling)
        where = _where(telling, len(groups))
        if low is None or high is None:
            stands = f", by {self.alone}: too few to tell ({where})."
        else:
            stands = f" ({self.interval}: {self.span(low, high)}; {where})."
        listed = groups if len(telling) > 1 else [group for group in groups if group not in telling]
        each = f" {'; '.join(map(self._brief, listed))}." if listed else ""
        return Verdict(self.text, answer, value, low, high, self.unit, self.said(value) + stands + each)

    def _missing(self, cells: Sequence[Evidence]) -> str:
        """What it takes; and, where that is all that is amiss, who of them has learned nothing."""
        if self.unmeasured(cells):
            return (
                "No text is long enough to be both early and late: it takes longer ones, or a smaller long_characters."
            )
        told = f"It takes finished cells, alike in all else, that have learned something: {self.needed}"
        unlearned = [cell.name for cell in cells if not cell.learned]
        if unlearned and self.groups([replace(cell, learned=True) for cell in cells]):
            return f"{told}; {', '.join(unlearned)} learned no more than how frequent each character is."
        return f"{told}."

    def _listed(self, groups: Sequence[Group]) -> str:
        """The claim as the first group has it, the others in a few words."""
        first, *others = groups
        claim = self.said(first.value)
        told = f"{first.label}: {claim[0].lower()}{claim[1:]}{self._between(first)}"
        return "; ".join([told, *map(self._brief, others)]) + "."

    def _brief(self, group: Group) -> str:
        return f"{group.label}: {self.short(group.value)}{self._between(group)}"

    def _between(self, group: Group) -> str:
        if group.low is None or group.high is None:
            return ""
        note = f", {group.note}" if group.note else ""
        return f" ({self.span(group.low, group.high)}{note})"


def _where(telling: Sequence[Group], among: int) -> str:
    """Of whom a figure is: those that tell nothing have no part in it. One by itself has its note here."""
    if len(telling) > 1:
        told = (
            f"{among} comparisons" if len(telling) == among else f"the {len(telling)} of {among} comparisons that tell"
        )
        return f"mean of {told}"
    [own] = telling
    only = "" if among == 1 else f", the only one of {among} comparisons that tells"
    return f"{own.label}{only}; {own.note}" if own.note else own.label + only
