"""Which settings no other beats, and which one comes nearest to people. Pure: figures in, verdicts out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from textgen_core.figures import figure


@dataclass(frozen=True, slots=True)
class Figure:
    """A value and the ends of its 95% interval; ends are None where there is none."""

    value: float
    low: float | None = None
    high: float | None = None

    def overlaps(self, other: Figure) -> bool:
        """Whether the two intervals have a value in common; one without ends is a point."""
        return self._low <= other._high and other._low <= self._high

    @property
    def half_width(self) -> float:
        """Half the length of the interval."""
        return (self._high - self._low) / 2

    @property
    def _low(self) -> float:
        return self.value if self.low is None else self.low

    @property
    def _high(self) -> float:
        return self.value if self.high is None else self.high

    def __str__(self) -> str:
        ends = "" if self.low is None or self.high is None else f" ({figure(self.low)} to {figure(self.high)})"
        return figure(self.value) + ends


@dataclass(frozen=True, slots=True)
class Point:
    """One setting, or human text, on the plane of quality and diversity.

    Attributes:
        knob: the knob that was turned; of human text ``human``.
        value: to what; None for human text.
        name: what it is called.
        quality: mean natural log-probability of a token under the model itself.
        diversity: share of different word pairs among equally many; None where the texts are too short to compare.
    """

    knob: str
    value: float | None
    name: str
    quality: Figure
    diversity: Figure | None


def on_frontier(points: Sequence[Point]) -> set[str]:
    """Names of the settings that no other beats in one figure without being beaten in the other (Pareto)."""
    known = [(point, point.quality.value, point.diversity.value) for point in points if point.diversity is not None]
    return {
        point.name
        for point, quality, diversity in known
        if not any(q >= quality and d >= diversity and (q, d) != (quality, diversity) for _, q, d in known)
    }


def distance(point: Point, human: Point) -> float | None:
    """How far from human text, in half-widths of its intervals: the two figures become comparable by how much they vary
    among people. Plain differences where it has no intervals."""
    return None if point.diversity is None or human.diversity is None else math.hypot(*_away(point, human))


def equally_far(one: Point, other: Point, human: Point) -> bool:
    """Whether the figures leave it open which of two points is farther from human text.

    The 95% interval of the difference of their distances holds zero. Errors are carried over by derivatives; that of
    human text is the same for both and counts only as far as they lie in different directions from it.
    """
    far = distance(one, human), distance(other, human)
    if far[0] is None or far[1] is None:
        return False
    steps = [_directions(point, human, length) for point, length in ((one, far[0]), (other, far[1]))]
    own = [error for point, ways in zip((one, other), steps, strict=True) for error in _errors(point, human, ways)]
    shared = [(mine - yours) * bool(width) for mine, yours, width in zip(*steps, _widths(human), strict=True)]
    return abs(far[0] - far[1]) <= math.hypot(*own, *shared)


def _away(point: Point, human: Point) -> list[float]:
    """The way from human text, axis by axis."""
    pairs = zip(_figures(point), _figures(human), strict=True)
    return [(own.value - theirs.value) / (theirs.half_width or 1.0) for own, theirs in pairs]


def _directions(point: Point, human: Point, length: float) -> list[float]:
    return [way / length if length else 0.0 for way in _away(point, human)]


def _errors(point: Point, human: Point, ways: Sequence[float]) -> list[float]:
    """What each axis adds to the half-width of a distance, in half-widths of the human intervals."""
    widths = zip(ways, _widths(point), _widths(human), strict=True)
    return [way * own / (theirs or 1.0) for way, own, theirs in widths]


def _widths(point: Point) -> list[float]:
    return [each.half_width for each in _figures(point)]


def _figures(point: Point) -> tuple[Figure, ...]:
    return tuple(each for each in (point.quality, point.diversity) if each is not None)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to use, and why.

    Attributes:
        name: the setting nearest to human text.
        alike: others that may be as near, for all that the figures tell, the nearest first.
        reason: one sentence or two for people.
    """

    name: str
    alike: tuple[str, ...]
    reason: str


def recommend(points: Sequence[Point], human: Point) -> Recommendation | None:
    """The setting nearest to human text; None where none can be compared with it. Of equals, the first."""
    away = {point.name: distance(point, human) for point in points}
    near = sorted((far, place) for place, point in enumerate(points) if (far := away[point.name]) is not None)
    if not near:
        return None
    ordered = [points[place] for _, place in near]
    best = ordered[0]
    others = tuple(point.name for point in ordered[1:] if equally_far(point, best, human))
    return Recommendation(best.name, others, _reason(best, others, human))


def _reason(best: Point, others: Sequence[str], human: Point) -> str:
    nearest = (
        f"{best.name} comes nearest to human text: log-probability a token {best.quality}, people {human.quality}; "
        f"different word pairs {best.diversity}, people {human.diversity}."
    )
    apart = [
        name
        for name, own, theirs in zip(("quality", "diversity"), _figures(best), _figures(human), strict=True)
        if not own.overlaps(theirs)
    ]
    told = f" It differs from people in {' and '.join(apart)}." if apart else " No interval tells it from people."
    same = f" As near, for all that these samples tell: {', '.join(others)}." if others else ""
    return nearest + told + same
