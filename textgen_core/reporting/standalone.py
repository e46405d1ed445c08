"""A chart as a file of its own, for other pages than ours: with the style sheet's colours, and a legend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from markupsafe import Markup

from textgen_core.reporting.chart import HEIGHT, LEFT, RIGHT, WIDTH

STYLE = Path(__file__).parent / "templates" / "style.css"
LETTER, KEY, ROW = 6.2, 28, 18
"""Width of a letter, about; of a coloured dot with the space around it; height of a row of names."""


def standalone(chart: Markup, names: Sequence[str]) -> str:
    """The chart as an SVG file; below it the names of its lines, in the order of their colours."""
    placed = list(_placed(names))
    height = HEIGHT + ROW * (1 + max((row for _, row, _ in placed), default=-1))
    opening = Markup('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}">').format(WIDTH, height)
    style = Markup("<style>{}text{{font-family:system-ui,sans-serif}}.chart{{width:{}px;height:{}px}}</style>").format(
        Markup(STYLE.read_text()), WIDTH, HEIGHT
    )
    key = Markup(
        '<circle class="dot c{}" cx="{:.0f}" cy="{:.0f}" r="4"/><text class="tick" x="{:.0f}" y="{:.0f}">{}</text>'
    )
    keys = [
        key.format(color % 8, x, HEIGHT + ROW * row + 7, x + 9, HEIGHT + ROW * row + 11, name)
        for color, (x, row, name) in enumerate(placed)
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
