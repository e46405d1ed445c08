"""Lines with intervals as inline SVG: a line a series, over a common axis that is linear or logarithmic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from textgen_core.figures import figure
from textgen_core.frontier.points import Figure
from textgen_core.reporting.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, axes, framed
from textgen_core.reporting.scale import LogScale, Scale

MARGIN = 0.06
"""Share of the axis that is left free on each side."""


COLORS, DASHES = 8, 4
"""Of the style sheet."""
HUMAN_LOOK = "ink"
"""How human text is drawn: as no line of a cell is."""


class Look(NamedTuple):
    """How the line of a cell is drawn; as a text the classes of the style sheet."""

    color: int
    dash: int

    def __str__(self) -> str:
        return f"c{self.color} d{self.dash}"


def looks(lines: Iterable[tuple[str, str]]) -> list[Look]:
    """A look for each line, a variant at a level: colours by variant, dashes by level. Variants beyond the last colour
    have dashes that no level has, as long as there are some."""
    lines = list(lines)
    variants, levels = (list(dict.fromkeys(names)) for names in zip(*lines, strict=True)) if lines else ([], [])
    found = []
    for variant, level in lines:
        again, color = divmod(variants.index(variant), COLORS)
        found.append(Look(color, (levels.index(level) + again * len(levels)) % DASHES))
    return found


@dataclass(frozen=True, slots=True)
class Series:
    """One line.

    Attributes:
        name: what it shows.
        look: classes of the style sheet, how it is drawn.
        spots: (x, figure) in the order of x.
        faint: drawn thin.
        labelled: its name stands at its beginning, for a line that no legend has.
    """

    name: str
    look: str
    spots: tuple[tuple[float, Figure], ...]
    faint: bool = False
    labelled: bool = False


def series_chart(series: Sequence[Series], x_title: str, y_title: str, logarithmic: bool = False) -> Markup:
    """The lines over common axes, bars where there are intervals; empty where there is nothing to draw.

    Args:
        logarithmic: whether the x axis is; its values must be above zero then. A linear one begins at zero.
    """
    spots = [spot for each in series for spot in each.spots]
    if not spots:
        return Markup("")
    x, y = _across([at for at, _ in spots], logarithmic), _upright([figure for _, figure in spots])
    parts = [*axes(x, y, x_title, y_title), *(part for each in series for part in _line(each, x, y))]
    return framed(parts, f"{y_title} against {x_title}")


def _across(values: Sequence[float], logarithmic: bool) -> Scale:
    low, high = min(values), max(values)
    if logarithmic:
        free = (high / low) ** MARGIN if high > low else 2.0
        return LogScale(low / free, high * free, LEFT, WIDTH - RIGHT)
    return Scale(0.0, high or 1.0, LEFT, WIDTH - RIGHT)


def _upright(figures: Sequence[Figure]) -> Scale:
    ends = [end for figure in figures for end in (figure.value, figure.low, figure.high) if end is not None]
    free = (max(ends) - min(ends) or abs(max(ends)) or 1.0) * MARGIN
    return Scale(min(ends) - free, max(ends) + free, HEIGHT - BOTTOM, TOP)


def _line(series: Series, x: Scale, y: Scale) -> Iterator[Markup]:
    kind = series.look + (" faint" if series.faint else "")
    path = " ".join(f"{x(at):.1f},{y(figure.value):.1f}" for at, figure in series.spots)
    yield Markup('<polyline class="line {}" points="{}"/>').format(kind, path)
    if series.labelled:
        at, first = series.spots[0]
        yield Markup('<text class="tick" x="{:.1f}" y="{:.1f}">{}</text>').format(
            x(at) + 4, y(first.value) - 8, series.name
        )
    for at, found in series.spots:
        across, up = x(at), y(found.value)
        if found.low is not None and found.high is not None:
            yield Markup('<line class="bar thin {}" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>').format(
                kind, across, across, y(found.low), y(found.high)
            )
        told = f"{series.name}: {found} at {figure(at)}"
        yield Markup('<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="3"><title>{}</title></circle>').format(
            kind, across, up, told
        )
