"""A line chart as inline SVG: no script, no network, colours from the page's style sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from markupsafe import Markup

from textgen_core.figures import figure
from textgen_core.reporting.curves import Curve
from textgen_core.reporting.scale import Scale, label

WIDTH = 560
HEIGHT = 320
LEFT = 48
RIGHT = 12
TOP = 24
BOTTOM = 40
"""The paper, and its margins."""


def line_chart(curves: Sequence[Curve], x_title: str, y_title: str) -> Markup:
    """The curves over common axes; empty where there are none.

    A curve that leaves the chart at the top is cut there. Points of validation tell their values when pointed at.
    """
    if not curves:
        return Markup("")
    x, y = _scales(curves)
    parts = [*axes(x, y, x_title, y_title), *(part for curve in curves for part in _line(curve, x, y))]
    return framed(parts, f"{y_title} against {x_title}")


def framed(parts: Iterable[Markup], title: str) -> Markup:
    """The parts of a chart as one picture."""
    opening = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">')
    return opening.format(WIDTH, HEIGHT, title) + Markup("").join(parts) + Markup("</svg>")


def _scales(curves: Sequence[Curve]) -> tuple[Scale, Scale]:
    end = max(x for curve in curves for x, _ in curve.points)
    low = min(y for curve in curves for _, y in curve.points)
    high = max(y for curve in _judged(curves) for _, y in curve.points)
    margin = (high - low or abs(high) or 1) * 0.06
    x = Scale(0, end or 1, LEFT, WIDTH - RIGHT)
    return x, Scale(low - margin, high + margin, HEIGHT - BOTTOM, TOP)


def _judged(curves: Sequence[Curve]) -> Sequence[Curve]:
    """The curves that must fit: validation. The first steps of a training fall from far above it."""
    return [curve for curve in curves if not curve.faint] or curves


def axes(x: Scale, y: Scale, x_title: str, y_title: str) -> Iterator[Markup]:
    """Grid, ticks and titles, for scales that fill the paper between its margins."""
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    for value in y.ticks(6):
        yield Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(
            LEFT, right, y(value), y(value)
        )
        yield Markup('<text class="tick" x="{}" y="{:.1f}" text-anchor="end">{}</text>').format(
            LEFT - 6, y(value) + 4, label(value)
        )
    for value in x.ticks(6):
        yield Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
            x(value), bottom + 16, label(value)
        )
    yield Markup('<line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(LEFT, right, bottom, bottom)
    yield Markup('<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>').format(right, HEIGHT - 6, x_title)
    yield Markup('<text class="tick" x="{}" y="12">{}</text>').format(LEFT - 40, y_title)


def _line(curve: Curve, x: Scale, y: Scale) -> Iterator[Markup]:
    kind = f"c{curve.color % 8}" + (" faint" if curve.faint else "")
    points = _within(curve.points, y)
    places = [(x(a), max(y(b), float(TOP))) for a, b in points]
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
    yield Markup('<polyline class="line {}" points="{}"/>').format(kind, path)
    if not curve.faint:
        for (a, b), (at, value) in zip(places, points, strict=True):
            told = f"{curve.name}: {figure(value)} at {label(at)}"
            yield Markup('<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="3"><title>{}</title></circle>').format(
                kind, a, b, told
            )


def _within(points: Sequence[tuple[float, float]], y: Scale) -> Sequence[tuple[float, float]]:
    """The points from the last one before the curve comes down into the chart."""
    first = next((number for number, (_, value) in enumerate(points) if value <= y.high), len(points) - 1)
    return points[max(0, first - 1) :]
