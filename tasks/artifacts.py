"""What a finished stage shows in the Prefect UI. Best effort: the datasets are the result, these are for the eye."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from tasks.deadline import best_effort
from textgen_core import markdown
from textgen_core.datasets.manifest import Manifest

Section = Callable[[], str]
"""Makes one part of a page; called where a fault in it costs only the page."""


def publish(name: str, manifest: Manifest, directory: Path, *sections: Section) -> None:
    """Show a stage's summary page: its facts, where it lies, and any further sections."""

    def show() -> None:
        shown = [section() for section in sections]  # first: the curve and the samples are what one came to see
        parts = [heading(name, manifest, directory), *shown, markdown.pairs(manifest.facts)]
        create_markdown_artifact("\n\n".join(filter(None, parts)), key(name, "summary"), _described(name))

    best_effort(show, f"the summary of {name}")


def publish_page(name: str, section: Section) -> None:
    """Show one page that belongs to a whole flow."""
    best_effort(lambda: create_markdown_artifact(section(), key(name), _described(name)), f"the page {name}")


def publish_table(name: str, rows: Callable[[], Sequence[Mapping[str, Any]]]) -> None:
    """Show a table; numbers stay sortable, text is escaped."""

    def show() -> None:
        cells = [{column: _cell(value) for column, value in row.items()} for row in rows()]
        create_table_artifact(cells, key(name), _described(name))

    best_effort(show, f"the table {name}")


def heading(name: str, manifest: Manifest, directory: Path) -> str:
    """What was done, how much it made, and where it lies."""
    size = sum(file.size for file in manifest.files) / 1e6
    made = f"{len(manifest.files)} files, {size:,.1f} MB, made in {manifest.seconds:,.1f} s in"
    return f"## {markdown.inline(name)}\n\n{made} {markdown.inline(directory, 400)}"


def _described(name: str) -> str:
    """An artifact's description: shown as Markdown on some pages and as it is on others."""
    return re.sub(r"[^\w /.-]", " ", name)


def key(*words: str) -> str:
    """An artifact key: lower case letters, digits and dashes are all that Prefect takes."""
    return re.sub(r"[^a-z0-9]+", "-", "-".join(words).lower()).strip("-") or "page"


def _cell(value: object) -> object:
    return value if isinstance(value, (int, float)) or value is None else markdown.printable(str(value), 200)
