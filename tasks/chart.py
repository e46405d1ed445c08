"""A line chart as an SVG image within Markdown.

The default pages of the Prefect server draw no mermaid, and the newer ones, which do, call a tracker on the internet;
both draw images. It has a light ground of its own, since the pages may be dark or light.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 40, 40
TICKS = 6
COLOURS = ("#2563eb", "#ea580c", "#059669", "#7c3aed")
"""Blue, orange, green, violet: told apart also by the colour-blind."""

Points = Sequence[tuple[float, float]]


def image(title: str, x_label: str, lines: Mapping[str, Points]) -> str:
    """The chart as a Markdown image; the lines need not share their x."""
    encoded = base64.b64encode(svg(title, x_label, lines).encode()).decode()
    return f"![{x_label}](data:image/svg+xml;base64,{encoded})"


def svg(title: str, x_label: str, lines: Mapping[str, Points]) -> str:
    """The chart as an SVG document. Every line has a point at least."""
    xs, ys = ([point[axis] for points in lines.values() for point in points] for axis in (0, 1))
    across, up = _ticks(min(xs), max(xs)), _ticks(min(ys), max(ys))

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            LEFT + (x - across[0]) / (across[-1] - across[0]) * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - (y - up[0]) / (up[-1] - up[0]) * (HEIGHT - TOP - BOTTOM),
        )

    parts = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>', _text(LEFT, 22, title, "start", 15)]
    for value in up:
        _, y = place(across[0], value)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#e2e8f0"/>')
        parts.append(_text(LEFT - 8, y + 4, f"{value:g}", "end"))
    for value in across:
        x, y = place(value, up[0])
        parts.append(_text(x, y + 18, f"{value:,g}", "middle"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, x_label, "middle"))
    for number, (name, points) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in (place(*point) for point in points))
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(WIDTH - RIGHT - 110 * number, 22, name, "end", 13, colour))
    body = "".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}">{body}</svg>'


def _text(x: float, y: float, text: str, anchor: str, size: int = 12, colour: str = "#334155") -> str:
    font = f'font-family="sans-serif" font-size="{size}" fill="{colour}" text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {font}>{escape(text)}</text>'


def _ticks(low: float, high: float) -> list[float]:
    """Round values, about TICKS of them, from one not above low to one not below high."""
    rough = max((high - low) / TICKS, 1e-6 * max(abs(low), abs(high), 1.0))
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * digit for digit in (1, 2, 5, 10) if power * digit >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(step * number, 12) for number in range(first, max(last, first + 1) + 1)]
