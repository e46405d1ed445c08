"""A dot chart as inline SVG: one row a model and sampler, a dot for the value, a bar for its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from textgen_core.figures import figure
from textgen_core.reporting.scale import Scale, label
from textgen_core.reporting.text import interval

WIDTH, ROW, NAMES, RIGHT, FOOT = 400, 20, 185, 14, 22


@dataclass(frozen=True, slots=True)
class Dot:
    """One value.

    Attributes:
        name: of the row.
        color: number of its colour; one a model.
        low: lower end of its interval; None where there is none.
        high: upper end.
    """

    name: str
    color: int
    value: float
    low: float | None
    high: float | None


def dot_chart(dots: Sequence[Dot], title: str) -> Markup:
    """The values of one metric below each other, over a common axis."""
    height = ROW * len(dots) + FOOT
    ends = [end for dot in dots for end in (dot.value, dot.low, dot.high) if end is not None]
    margin = (max(ends) - min(ends) or abs(max(ends)) or 1) * 0.05
    x = Scale(min(ends) - margin, max(ends) + margin, NAMES, WIDTH - RIGHT)
    rows = [_row(dot, x, ROW * number + ROW / 2) for number, dot in enumerate(dots)]
    ticks = [
        Markup('<line class="grid" x1="{0:.1f}" x2="{0:.1f}" y1="0" y2="{1}"/>').format(x(value), height - FOOT + 2)
        + Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
            x(value), height - 6, label(value)
        )
        for value in x.ticks(3)
    ]
    opening = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">')
    return opening.format(WIDTH, height, title) + Markup("").join([*ticks, *rows]) + Markup("</svg>")


def _row(dot: Dot, x: Scale, y: float) -> Markup:
    kind = f"c{dot.color % 8}"
    name = dot.name if len(dot.name) <= 30 else dot.name[:29] + "…"
    told = " ".join(filter(None, [f"{dot.name}: {figure(dot.value)}", interval(dot.low, dot.high)]))
    bar = Markup("")
    if dot.low is not None and dot.high is not None:
        bar = Markup('<line class="bar {0}" x1="{1:.1f}" x2="{2:.1f}" y1="{3}" y2="{3}"/>').format(
            kind, x(dot.low), x(dot.high), y
        )
    shape = Markup(
        '<g><title>{}</title><text class="tick" x="{}" y="{}" text-anchor="end">{}</text>{}'
        '<circle class="dot {}" cx="{:.1f}" cy="{}" r="4"/></g>'
    )
    return shape.format(told, NAMES - 10, y + 4, name, bar, kind, x(dot.value), y)
