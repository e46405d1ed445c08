"""From values to places on paper."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values from low to high onto places from start to end (SVG units; start may be above end)."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a value."""
        span = self.high - self.low
        share = (value - self.low) / span if span else 0.5
        return self.start + share * (self.end - self.start)

    def ticks(self, count: int) -> list[float]:
        """About count round values within the scale: 1, 2 or 5 times a power of ten apart."""
        span = self.high - self.low
        if span < 1e-300:  # nothing to divide, not even by a power of ten
            return [self.low]
        raw = span / max(1, count)
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9))
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]


class LogScale(Scale):
    """The same by logarithms, for values above zero."""

    def __call__(self, value: float) -> float:
        """The place of a value."""
        return Scale(math.log(self.low), math.log(self.high), self.start, self.end)(math.log(value))

    def ticks(self, count: int) -> list[float]:
        """Powers of ten within the scale, with their 2 and 5 times where there is room for about so many."""
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        fine = [factor * 10.0**power for power in powers for factor in (1, 2, 5)]
        inside = [value for value in fine if self.low <= value <= self.high]
        return inside if len(inside) <= count else [value for value in inside if math.log10(value).is_integer()]


def label(value: float) -> str:
    """A tick's value: 0.05, 12, 1.5M."""
    size = abs(value)
    for factor, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if size >= 10 * factor or (factor > 1e3 and size >= factor):
            return f"{value / factor:.4g}{unit}"
    return f"{value:.4g}"
