"""A chart as a file of its own, for other pages than ours: with the style sheet's colours, and a legend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from textgen_core.reporting.chart import HEIGHT, LEFT, RIGHT, WIDTH

STYLE = Path(__file__).parent / "templates" / "style.css"
LETTER, STROKE, KEY, ROW = 6.2, 24, 46, 18
"""Width of a letter, about; of a stroke, and with the space around it; height of a row of names."""


def standalone(chart: Markup, lines: Mapping[str, str]) -> str:
    """The chart as an SVG file; below it the names of its lines, each beside a stroke of it.

    Args:
        lines: the classes of the style sheet that each has, by name.
    """
    placed = list(_placed(list(lines)))
    height = HEIGHT + ROW * (1 + max((row for _, row, _ in placed), default=-1))
    opening = Markup('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}">').format(WIDTH, height)
    style = Markup("<style>{}text{{font-family:system-ui,sans-serif}}.chart{{width:{}px;height:{}px}}</style>").format(
        Markup(STYLE.read_text()), WIDTH, HEIGHT
    )
    key = Markup(
        '<line class="line {0}" x1="{1:.0f}" x2="{2:.0f}" y1="{3}" y2="{3}"/>'
        '<text class="tick" x="{4:.0f}" y="{5}">{6}</text>'
    )
    keys = [
        key.format(lines[name], x, x + STROKE, HEIGHT + ROW * row + 7, x + STROKE + 6, HEIGHT + ROW * row + 11, name)
        for x, row, name in placed
    ]
    return str(opening + style + chart + Markup("").join(keys) + Markup("</svg>\n"))


def _placed(names: Sequence[str]) -> Iterator[tuple[float, int, str]]:
    """Where each name goes: x, row, name."""
    x, row = float(LEFT), 0
    for name in names:
        width = KEY + LETTER * len(name)
        if x > LEFT and x + width > WIDTH - RIGHT:
            x, row = float(LEFT), row + 1
        yield x, row, name
        x += width
