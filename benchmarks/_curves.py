"""Held-out loss against seconds, a line a model, as an SVG file that stands alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from textgen_core.reporting.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, axes
from textgen_core.reporting.scale import Scale

LEGEND = 260
COLOURS = ("#0a66c2", "#c2410c", "#15803d", "#7e22ce", "#b45309", "#0e7490", "#be123c", "#4d7c0f")
STYLE = """<style>
text { font: 11px system-ui, sans-serif; fill: #1d2530; } .grid { stroke: #8884; } .axis { stroke: #888; }
polyline { fill: none; stroke-width: 2; }
@media (prefers-color-scheme: dark) { text { fill: #e7eaee; } }
</style>"""


def curves(report: Mapping[str, Any], unit: str) -> str:
    """The lines of a report that have a curve; of a lone point, such as a peer's, a dot. The best comes first.

    Above the chart lies what is worse than the last point of the worst model by a third of all that is between.
    """
    lines = sorted((line for line in report["results"] if line.get("curve")), key=lambda line: line["curve"][-1][1])
    lasts = [line["curve"][-1][1] for line in lines]
    margin = (max(lasts) - min(lasts) or 1) / 3
    x = Scale(0, max(point[0] for line in lines for point in line["curve"]), LEFT, WIDTH - RIGHT)
    y = Scale(min(lasts) - margin / 4, max(lasts) + margin, HEIGHT - BOTTOM, TOP)
    drawn = [part for number, line in enumerate(lines) for part in _line(line, number, x, y)]
    on = report["machine"]
    told = f"{on['processor']}, {on['cores']} cores, {', '.join(on['instructions'])}; {report['date']}"
    note = Markup('<text x="0" y="{}">{}</text>').format(HEIGHT + 12, told)
    opening = Markup('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img">').format(
        WIDTH + LEGEND, HEIGHT + 20
    )
    return opening + Markup(STYLE) + Markup("").join([*axes(x, y, "seconds", unit), *drawn, note]) + Markup("</svg>\n")


def _line(line: Mapping[str, Any], number: int, x: Scale, y: Scale) -> Iterator[Markup]:
    colour = COLOURS[number % len(COLOURS)]
    places = [(x(seconds), y(loss)) for seconds, loss in _inside(line["curve"], y.high)]
    if len(places) > 1:
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
        yield Markup('<polyline stroke="{}" points="{}"/>').format(colour, path)
    for a, b in places:
        yield Markup('<circle fill="{}" cx="{:.1f}" cy="{:.1f}" r="3"/>').format(colour, a, b)
    above = TOP + 10 + 16 * number
    yield Markup('<circle fill="{}" cx="{}" cy="{}" r="4"/>').format(colour, WIDTH + 8, above - 4)
    last = line["curve"][-1][1]
    yield Markup('<text x="{}" y="{}">{:.3f} {}: {}</text>').format(
        WIDTH + 18, above, last, line["name"], line["model"]
    )


def _inside(curve: Sequence[Sequence[float]], highest: float) -> list[tuple[float, float]]:
    """The points below the chart's upper edge, and before them the one where the line crosses it."""
    first = next(place for place, (_, loss) in enumerate(curve) if loss <= highest)
    inside = [(seconds, loss) for seconds, loss in curve[first:]]
    if first == 0:
        return inside
    (before, above), (after, below) = curve[first - 1], curve[first]
    share = (above - highest) / (above - below)
    return [(before + share * (after - before), highest), *inside]
