"""Bars of tokens a second, ours and its peers', as an SVG file that stands alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from textgen_core.reporting.scale import Scale

WIDTH, LEFT, RIGHT, BAR = 720, 190, 80, 22
TITLES = {
    "decoding_peers": "Sampling, Transformer 6 x 384, vocabulary 8,192, 16 + 112 tokens",
    "half_peers": "The same, ours in bfloat16 beside int8",
    "beam_peers": "Beam search with 4 beams, the same shape",
    "lstm_peers": "Sampling, LSTM 2 x 512, characters",
}
"""Of the benchmarks that are shown."""
STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #1d2530; } .small { font-size: 11px; } .title { font-weight: 600; }
.ours { fill: #0a66c2; } .peer { fill: #9aa5b4; } .limit { fill: none; stroke: #9aa5b4; stroke-dasharray: 4 3; }
.range { stroke: #1d2530; }
@media (prefers-color-scheme: dark) { text { fill: #e7eaee; } .range { stroke: #e7eaee; } .ours { fill: #6cb2ff; } }
</style>"""


def plot(reports: Sequence[Mapping[str, Any]]) -> str:
    """A panel for each report, a bar a contestant with the range of its runs; what multiplies only is an outline."""
    parts, top = [], 0
    for report in reports:
        panel = list(_panel(report, top + 20))
        parts += panel
        top += 62 + BAR * len(report["results"])
    opening = Markup('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img">').format(WIDTH, top)
    return opening + Markup(STYLE) + Markup("").join(parts) + Markup("</svg>\n")


def _panel(report: Mapping[str, Any], top: int) -> Iterator[Markup]:
    lines, on = report["results"], report["machine"]
    scale = Scale(0, max(line["highest"] for line in lines), LEFT, WIDTH - RIGHT)
    yield Markup('<text class="title" x="0" y="{}">{}: tokens/s</text>').format(top, TITLES[report["benchmark"]])
    for number, line in enumerate(lines):
        yield _bar(line, scale, top + 8 + number * BAR)
    told = f"{on['processor']}, {on['cores']} cores, {', '.join(on['instructions'])}; {report['date']}"
    yield Markup('<text class="small" x="0" y="{}">{}</text>').format(top + 24 + BAR * len(lines), told)


def _bar(line: Mapping[str, Any], scale: Scale, y: int) -> Markup:
    kind = {"ours": "ours", "matrix products alone": "limit"}.get(line["name"], "peer")
    end, middle = scale(line["tokens/s"]), y + BAR / 2 - 2
    return Markup(
        '<text x="{}" y="{:.1f}" text-anchor="end">{}</text><rect class="{}" x="{}" y="{}" width="{:.1f}" height="{}"/>'
        '<line class="range" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>'
        '<text x="{:.1f}" y="{:.1f}">{:,.0f}</text>'
    ).format(
        *(LEFT - 8, middle + 5, line["name"], kind, LEFT, y, end - LEFT, BAR - 4),
        *(scale(line["lowest"]), scale(line["highest"]), middle, middle),
        *(scale(line["highest"]) + 6, middle + 5, line["tokens/s"]),
    )
