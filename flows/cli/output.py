"""Results on stdout: tables for people, JSON for machines. Text of others is made harmless for the terminal first."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from textgen_core.controls import CONTROLS
from textgen_core.figures import figure

PROSE = 80
"""Characters of a line that is read with ease."""
_SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|\x9c|$)"  # OSC, DCS, SOS, PM, APC: titles, links, clipboard
    r"|\x9b[0-?]*[ -/]*[@-~]"
    r"|\x1b[ -/]*[0-~]",
    re.DOTALL,
)


def plain(text: str) -> str:
    """Text without anything that could steer a terminal: escape sequences, control characters, direction marks."""
    return CONTROLS.sub("", _SEQUENCES.sub("", text))


def say(text: str = "") -> None:
    """Print a line of the result."""
    print(plain(text))


def print_json(document: Any) -> None:
    """Print the result as one JSON document; what is no JSON value is printed as its string."""
    print(json.dumps(document, ensure_ascii=False, indent=1, default=str))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None) -> None:
    """Print a table. Numbers are set to the right; nothing in a cell is taken for markup.

    A pipe has no width of its own: there no word is broken, and no cell shorter than PROSE.
    """
    from rich.box import SIMPLE_HEAD
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    piped = not sys.stdout.isatty()
    cells = [list(row) for row in rows]
    headed = any(columns)
    table = Table(
        box=SIMPLE_HEAD if headed else None,
        pad_edge=not headed,
        show_header=headed,
        title=title and Text(title),
        title_justify="left",
    )
    for index, column in enumerate(columns):
        numbers = bool(cells) and all(row[index] is None or isinstance(row[index], (int, float)) for row in cells)
        words = " ".join([column, *(figure(row[index]) for row in cells)]).split()
        table.add_column(
            Text(plain(column)),
            justify="right" if numbers else "left",
            overflow="fold",
            max_width=max((PROSE, *map(cell_len, map(plain, words)))) if piped else None,
        )
    for row in cells:
        table.add_row(*(Text(plain(figure(cell))) for cell in row))
    console = Console(width=1_000_000 if piped else None, highlight=False, markup=False, emoji=False)
    with console.capture() as printed:
        console.print(table)
    sys.stdout.write(printed.get())  # rich would end the process itself where nobody reads any more
