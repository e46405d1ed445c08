"""The two kinds of questions: whether an effect is above zero, and whether one thing is faster than another.

An effect is a figure whose sign answers a question. Its interval covers the choice of texts, not that of a training's
seed, which may move a model of a short training further than that; what is below the margin doesn't count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from textgen_core.comparison.evidence import Evidence, Floats, ends
from textgen_core.comparison.groups import UNTOLD, Answer, Group, Place, labels
from textgen_core.comparison.verdicts import Asked
from textgen_core.figures import figure

MARGIN = 0.01
"""Smallest effect that matters: bits a character, or a share of words."""
CLOCK = 1.1
"""Factor by which the speed of the same work may differ from one time to the next on a quiet machine. On a busy one it
may be two: so no single timing tells anything, and an interval holds all that there are."""


class Effect(NamedTuple):
    """What a pair of cells says."""

    place: Place
    figure: Floats
    """[1 + resamples]."""
    plotted: float | None = None
    """The same effect by the points of the charts, which are of other texts, or of more; None where no chart has it."""
    doubt: str = ""
    """Why it answers nothing, however sure it is."""


class Ratio(NamedTuple):
    """How many times as fast one kind is as another."""

    place: Place
    timings: Sequence[float]
    """The same of each share of the text: two cells that were timed by themselves, at times of their own."""


@dataclass(frozen=True, slots=True)
class Question(Asked):
    """Whether an effect is above zero.

    The charts of held-out text have more of it, but nothing by which cells with other tokens could be paired; those
    over the position have texts, too, that are soon over. So intervals are of what all have read stretch by stretch,
    drifts of the texts that last; and there is no answer that the charts belie.

    Attributes:
        effects: of each pair of cells that can be compared.
        signs: what stands in the claim, behind the size, for an effect above zero, and for one below.
    """

    interval = "95%"
    alone = "a single text"
    effects: Callable[[Sequence[Evidence]], list[Effect]]
    signs: tuple[str, str]

    def groups(self, cells: Sequence[Evidence]) -> list[Group]:
        """Yes if it is surely above zero, no if it surely is nothing that matters, and if the charts say the same."""
        known = [effect for effect in self.effects(cells) if not np.isnan(effect.figure[0])]
        names = labels([effect.place for effect in known])
        return [self._group(name, effect, len(known)) for name, effect in zip(names, known, strict=True)]

    def unmeasured(self, cells: Sequence[Evidence]) -> bool:
        """Where no text is so long that it has an early and a late part, drifts are nan."""
        effects = self.effects(cells)
        return bool(effects) and all(np.isnan(effect.figure[0]) for effect in effects)

    def average(self, values: Sequence[float]) -> float:
        """The mean."""
        return float(np.mean(values))

    def said(self, value: float) -> str:
        """With its size and its sign."""
        return self.claim.format(f"{abs(value):.3f}", self._sign(value))

    def short(self, value: float) -> str:
        """Its size and its sign."""
        return f"{abs(value):.3f} {self._sign(value)}"

    def span(self, low: float, high: float) -> str:
        """With a sign for each end, or one for both, the smaller first."""
        near, far = sorted((low, high), key=abs)
        if self._sign(low) == self._sign(high):
            return f"{abs(near):.3f} to {self.short(far)}"
        return f"{self.short(low)} to {self.short(high)}"

    def _sign(self, value: float) -> str:
        return self.signs[value < 0]

    def _group(self, name: str, effect: Effect, among: int) -> Group:
        value, (low, high) = float(effect.figure[0]), ends(effect.figure, among)
        answer: Answer = UNTOLD
        if low is not None and high is not None:
            answer = "yes" if low > 0 and value >= MARGIN else "no" if high < MARGIN else UNTOLD
        drawn, notes = effect.plotted, [effect.doubt] if effect.doubt else []
        if drawn is not None:
            belied = answer != UNTOLD and (drawn >= MARGIN) != (answer == "yes")
            notes.insert(0, f"{'but ' if belied else ''}by the charts {self.short(drawn)}")
            answer = UNTOLD if belied else answer
        return Group(name, value, low, high, UNTOLD if effect.doubt else answer, "; ".join(notes))


@dataclass(frozen=True, slots=True)
class SpeedQuestion(Asked):
    """Whether one kind is faster than another: yes if it is by all timings, and by more than the clock may err.

    Attributes:
        ratios: of cells that can be compared.
    """

    interval = f"all timings, and {CLOCK - 1:.0%} for the clock"
    alone = "one timing each, of one share of the text"
    ratios: Callable[[Sequence[Evidence]], list[Ratio]]

    def groups(self, cells: Sequence[Evidence]) -> list[Group]:
        """Each between its timings, widened by what the clock may err."""
        ratios = self.ratios(cells)
        names = labels([ratio.place for ratio in ratios])
        return [_timed(name, ratio.timings) for name, ratio in zip(names, ratios, strict=True)]

    def average(self, values: Sequence[float]) -> float:
        """The geometric mean."""
        return float(np.exp(np.mean(np.log(values))))

    def said(self, value: float) -> str:
        """With its factor."""
        return self.claim.format(_factor(value))

    def short(self, value: float) -> str:
        """Its factor."""
        return f"{_factor(value)} times"

    def span(self, low: float, high: float) -> str:
        """Factors."""
        return f"{_factor(low)} to {_factor(high)}"


def _factor(value: float) -> str:
    """Two digits: a clock tells no more. Near one it must show on which side."""
    return figure(float(f"{value:.2g}" if value >= 2 else f"{value:.3g}"))


def _timed(name: str, timings: Sequence[float]) -> Group:
    value = float(np.exp(np.median(np.log(timings))))
    if len(timings) < 2:
        return Group(name, value, None, None, UNTOLD)
    low, high = min(timings) / CLOCK, max(timings) * CLOCK
    return Group(name, value, low, high, "yes" if low > 1 else "no" if high < 1 else UNTOLD)
