"""What was refused, counted by stage and reason."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from textgen_core.datasets.parts import parts_of, read_part
from textgen_core.reporting.text import shortened

EXAMPLE_CHARS = 300


def reject_rows(directories: Iterable[tuple[str, Path]]) -> list[dict[str, Any]]:
    """One row a stage and code: how many, and the first of them.

    Args:
        directories: what each is called on the page, and its dataset of rejects; those that don't exist are skipped.
    """
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for name, directory in directories:
        for part in parts_of(directory):
            for batch in read_part(part, ["source", "source_row", "code", "message"]):
                for row in batch.to_pylist():
                    key = (name, row["code"])
                    rows.setdefault(key, {"where": name, "code": row["code"], "count": 0, "first": _example(row)})
                    rows[key]["count"] += 1
    return list(rows.values())


def _example(row: dict[str, Any]) -> str:
    place = row["source"] if row["source_row"] is None else f"{row['source']}, row {row['source_row']:,}"
    return shortened(f"{place}: {row['message']}", EXAMPLE_CHARS)
