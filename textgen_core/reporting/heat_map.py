"""A heat map as inline SVG: the source across, the target down, the darker the more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from markupsafe import Markup

from textgen_core.reporting.document import document
from textgen_core.reporting.text import BEGINNING, token_name

CELL, LETTER = 18, 7
"""Width of a cell and of a letter."""


def attention_page(title: str, source: Sequence[str], target: Sequence[str], weights: Sequence[Sequence[float]]) -> str:
    """A page with the heat map of weights [target, source], each from 0 to 1."""
    return document("attention.html", title=title, verdict="", chart=heat_map(source, target, weights))


def attention_maps(model: Path) -> list[Markup]:
    """The heat maps of what a model directory says of its attention; none where it says nothing."""
    path = model / "attention.json"
    pairs = json.loads(path.read_bytes()) if path.exists() else []
    return [heat_map(pair["source"], pair["target"], pair["weights"]) for pair in pairs]


def heat_map(columns: Sequence[str], rows: Sequence[str], weights: Sequence[Sequence[float]]) -> Markup:
    """A square for each weight, which tells its value when pointed at; a row's name before it, a column's above."""
    columns = [token_name(text, nothing=BEGINNING) for text in columns]
    rows = [token_name(text) for text in rows]
    left, top = (LETTER * max(map(len, names), default=0) + 12 for names in (rows, columns))
    size = left + CELL * len(columns) + 4, top + CELL * len(rows) + 4
    opening = Markup('<svg class="heat" width="{}" height="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">')
    parts = [*_names(columns, rows, left, top), *_squares(columns, rows, weights, left, top)]
    return (
        opening.format(*size, *size, "attention of the target over the source")
        + Markup("").join(parts)
        + Markup("</svg>")
    )


def _names(columns: Sequence[str], rows: Sequence[str], left: int, top: int) -> Iterator[Markup]:
    for number, name in enumerate(columns):
        x, y = left + CELL * (number + 0.5) + 4, top - 6
        yield Markup('<text class="tick" transform="rotate(-90 {0} {1})" x="{0}" y="{1}">{2}</text>').format(x, y, name)
    for number, name in enumerate(rows):
        yield Markup('<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>').format(
            left - 6, top + CELL * (number + 0.5) + 4, name
        )


def _squares(
    columns: Sequence[str], rows: Sequence[str], weights: Sequence[Sequence[float]], left: int, top: int
) -> Iterator[Markup]:
    shape = Markup(
        '<rect class="c0" fill="currentColor" fill-opacity="{:.3f}" x="{}" y="{}" width="{}" height="{}">'
        "<title>{} from {}: {:.3f}</title></rect>"
    )
    for i, (row, values) in enumerate(zip(rows, weights, strict=True)):
        for j, (column, value) in enumerate(zip(columns, values, strict=True)):
            place = left + CELL * j, top + CELL * i, CELL - 1, CELL - 1
            yield shape.format(value, *place, row, column, value)
