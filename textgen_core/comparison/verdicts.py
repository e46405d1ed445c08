"""From effects to answers. Pure: figures in, verdicts out.

An effect is a figure whose sign answers a question. Its interval covers the choice of texts, not that of a training's
seed; what is below the margin, which another seed might bring about, doesn't count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from textgen_core.comparison.evidence import Evidence, Floats, ends
from textgen_core.figures import figure

Answer = Literal["yes", "no", "can't be told from this"]
UNTOLD: Answer = "can't be told from this"

MARGIN = 0.01
"""Smallest effect that matters: bits a character, or a share of words."""
CLOCK = 1.1
"""Factor by which the speed of the same work may differ from one time to the next."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer, and the figure behind it; no figure where nothing could be compared."""

    question: str
    answer: Answer
    effect: float | None
    low: float | None
    high: float | None
    unit: str
    reason: str


@dataclass(frozen=True, slots=True)
class Question:
    """What people say, as a question, and the effect that answers it: yes if it is above zero.

    Attributes:
        effects: of each group of cells that can be compared, [1 + resamples].
        claim: the answer, with a place for the effect's size and one for its sign.
        signs: what stands there for an effect above zero, and for one below.
        needed: cells that it takes.
    """

    text: str
    effects: Callable[[Sequence[Evidence]], list[Floats]]
    unit: str
    claim: str
    signs: tuple[str, str]
    needed: str

    def verdict(self, cells: Sequence[Evidence]) -> Verdict:
        """The mean over all groups: yes if it is surely above zero, no if it surely is nothing that matters."""
        known = [effect for effect in self.effects(cells) if not np.isnan(effect[0])]
        if not known:
            return nothing(self.text, self.unit, self.needed)
        mean: Floats = np.mean(known, axis=0)
        value, (low, high) = float(mean[0]), ends(mean)
        said = self.claim.format(f"{abs(value):.3f}", self.signs[value < 0])
        if low is None or high is None:
            told = f"{said}, by a single text: too few to tell ({counted(len(known))})."
            return Verdict(self.text, UNTOLD, value, None, None, self.unit, told)
        answer: Answer = "yes" if low > 0 and value >= MARGIN else "no" if high < MARGIN else UNTOLD
        told = f"{said} (95%: {low:.3f} to {high:.3f}; {counted(len(known))})."
        return Verdict(self.text, answer, value, low, high, self.unit, told)


@dataclass(frozen=True, slots=True)
class SpeedQuestion:
    """The same of how many times as fast one kind is as another: yes if it surely is faster.

    Attributes:
        ratios: of each pair of cells that can be compared.
        claim: the answer, with a place for the factor.
    """

    text: str
    ratios: Callable[[Sequence[Evidence]], list[float]]
    claim: str
    needed: str

    def verdict(self, cells: Sequence[Evidence]) -> Verdict:
        """The geometric mean, between the slowest and the fastest pair, both widened by what the clock may err."""
        ratios, unit = self.ratios(cells), "times"
        if not ratios:
            return nothing(self.text, unit, self.needed)
        value, low, high = float(np.exp(np.mean(np.log(ratios)))), min(ratios) / CLOCK, max(ratios) * CLOCK
        answer: Answer = "yes" if low > 1 else "no" if high < 1 else UNTOLD
        said = self.claim.format(figure(value))
        told = f"{said} ({figure(low)} to {figure(high)}, {CLOCK - 1:.0%} for the clock; {counted(len(ratios))})."
        return Verdict(self.text, answer, value, low, high, unit, told)


def nothing(question: str, unit: str, needed: str) -> Verdict:
    """The verdict where there is nothing to compare."""
    return Verdict(
        question,
        UNTOLD,
        None,
        None,
        None,
        unit,
        f"It takes finished cells of {needed}, alike in all else, that have learned something.",
    )


def counted(groups: int) -> str:
    """How many comparisons an answer stands on."""
    return "1 comparison" if groups == 1 else f"{groups} comparisons"
