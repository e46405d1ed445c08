"""Quality against diversity as inline SVG: a line a knob, its settings in order, and human text as a cross."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import groupby

from markupsafe import Markup

from textgen_core.frontier.points import Figure, Point
from textgen_core.reporting.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, axes, framed
from textgen_core.reporting.scale import Scale, label

X_TITLE = "diversity: share of different word pairs"
Y_TITLE = "quality: log-probability of a token under the model"
COLORS = 8


def plot(
    points: Sequence[Point],
    human: Point | None,
    ringed: Set[str],
    y_title: str = Y_TITLE,
    lines: Mapping[str, str] | None = None,
) -> Markup:
    """The points over common axes, those of ringed in a ring; empty where nothing can be compared.

    Bars are 95% intervals. Every point tells its values when it is pointed at.

    Args:
        y_title: what quality is measured by.
        lines: knobs and the classes of the style sheet that their lines have, where they are drawn as elsewhere.
    """
    placed = [point for point in points if point.diversity is not None]
    shown = [*placed, *([human] if human is not None and human.diversity is not None else [])]
    if not shown:
        return Markup("")
    x = _scale([each.diversity for each in shown], LEFT, WIDTH - RIGHT)
    y = _scale([each.quality for each in shown], HEIGHT - BOTTOM, TOP)
    parts = [*axes(x, y, X_TITLE, y_title)]
    for knob, look in (lines or _colors(points)).items():
        if own := [point for point in placed if point.knob == knob]:
            parts += _line(own, look, x, y, ringed)
    if human is not None and human.diversity is not None:
        parts.append(_human(human, x, y))
    return framed(parts, f"{y_title} against {X_TITLE}")


def knobs(points: Sequence[Point]) -> list[str]:
    """The knobs in their order: a knob's place is the number of its colour."""
    return [knob for knob, _ in groupby(point.knob for point in points)]


def _colors(points: Sequence[Point]) -> dict[str, str]:
    return {knob: f"c{number % COLORS}" for number, knob in enumerate(knobs(points))}


def _scale(figures: Sequence[Figure | None], start: float, end: float) -> Scale:
    ends = [end for figure in figures if figure for end in (figure.value, figure.low, figure.high) if end is not None]
    margin = (max(ends) - min(ends) or abs(max(ends)) or 1) * 0.05
    return Scale(min(ends) - margin, max(ends) + margin, start, end)


def _line(points: Sequence[Point], color: str, x: Scale, y: Scale, ringed: Set[str]) -> Iterator[Markup]:
    path = " ".join(f"{_x(point, x):.1f},{y(point.quality.value):.1f}" for point in points)
    yield Markup('<polyline class="line faint {}" points="{}"/>').format(color, path)
    for point in points:
        yield _bars(point, color, x, y)
        yield Markup('<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="3.5"><title>{}</title></circle>').format(
            color, _x(point, x), y(point.quality.value), told(point)
        )
        if point in (points[0], points[-1]):
            yield Markup('<text class="tick" x="{:.1f}" y="{:.1f}">{}</text>').format(
                _x(point, x) + 6, y(point.quality.value) - 6, label(point.value or 0.0)
            )
        if point.name in ringed:
            yield Markup('<circle class="ring {}" cx="{:.1f}" cy="{:.1f}" r="7"/>').format(
                color, _x(point, x), y(point.quality.value)
            )


def _human(human: Point, x: Scale, y: Scale) -> Markup:
    across, up = _x(human, x), y(human.quality.value)
    cross = Markup(
        '<path class="human" d="M{0:.1f} {2:.1f}L{1:.1f} {3:.1f}M{0:.1f} {3:.1f}L{1:.1f} {2:.1f}">'
        "<title>{4}</title></path>"
        '<text class="tick" x="{5:.1f}" y="{6:.1f}" text-anchor="end">human text</text>'
    )
    ends = (across - 6, across + 6, up - 6, up + 6)
    return _bars(human, "ink", x, y) + cross.format(*ends, told(human), across - 10, up - 8)


def _bars(point: Point, color: str, x: Scale, y: Scale) -> Markup:
    """The intervals on both axes, as far as there are any."""
    bar = Markup('<line class="bar thin {}" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>')
    across, up, parts = _x(point, x), y(point.quality.value), Markup("")
    if point.diversity is not None and point.diversity.low is not None and point.diversity.high is not None:
        parts += bar.format(color, x(point.diversity.low), x(point.diversity.high), up, up)
    if point.quality.low is not None and point.quality.high is not None:
        parts += bar.format(color, across, across, y(point.quality.low), y(point.quality.high))
    return parts


def told(point: Point) -> str:
    """A point in words."""
    return f"{point.name}: quality {point.quality}, diversity {point.diversity or '-'}"


def _x(point: Point, x: Scale) -> float:
    return x(point.diversity.value if point.diversity is not None else x.low)
