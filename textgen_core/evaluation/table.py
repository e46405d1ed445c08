"""Metrics as a Markdown table for people: a row a metric, a column a sampler, intervals in brackets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def metrics_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows of ``metrics``: the model under ``model``, then each sampler; attribute groups are left out."""
    cells: dict[str, dict[str, str]] = {}
    columns: list[str] = []
    for row in rows:
        group = dict(row["group"])
        if set(group) - {"sampler"}:
            continue
        column = group.get("sampler", "model")
        if column not in columns:
            columns.append(column)
        cells.setdefault(row["metric"], {})[column] = _cell(row)
    lines = [["metric", *map(_escaped, columns)], ["---", *("---:" for _ in columns)]]
    lines += [[metric, *(found.get(column, "") for column in columns)] for metric, found in cells.items()]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(row: Mapping[str, Any]) -> str:
    if row["value"] is None:
        return "–"  # noqa: RUF001
    interval = "" if row["low"] is None else f" [{row['low']:.4g}, {row['high']:.4g}]"
    return f"{row['value']:.4g}{interval}"


def _escaped(name: str) -> str:
    return name.replace("|", "\\|")
