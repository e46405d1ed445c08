"""``textgen try --attention``: which tokens of the source each token of the target was written from."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from flows.cli.model import Loaded
from flows.cli.output import print_json, say
from textgen_core.datasets.stage import write_file
from textgen_core.generation.settings import GenerationOptions

SHADES = " \u2591\u2592\u2593\u2588"
"""From no weight to the largest of a map."""


def show_attention(
    hand: Loaded, prompt: str, prefix: str, options: GenerationOptions, page: Path | None, json: bool
) -> None:
    """Print the target and a map of its attention; write it as a page, too, where one is wanted."""
    import numpy as np

    from textgen_core.generation.alignment import align
    from textgen_core.reporting.heat_map import attention_page

    found = align(hand.model, hand.tokenizer, prompt, options, hand.device, prefix)
    weights = found.weights.round(6).tolist()
    if page is not None:
        write_file(page, attention_page(f"{prompt[:80]}", found.source, found.target, weights).encode())
    if json:
        shown = {"source": found.source, "target": found.target, "weights": weights}
        print_json({"prompt": prompt, "text": found.text, **shown})
        return
    width = shutil.get_terminal_size((140, 0)).columns if sys.stdout.isatty() else 140
    say(prompt)
    say(prefix + found.text)
    for line in drawn(found.source, found.target, weights, width):
        say(line)
    say(f"{SHADES[-1]} is a weight of {np.max(found.weights, initial=0):.2f}, the largest.")
    if page is not None:
        say(f"Page:  {page}")


def drawn(
    source: Sequence[str], target: Sequence[str], weights: Sequence[Sequence[float]], width: int
) -> Iterator[str]:
    """Lines that show weights [target, source] as shades, source across and target down.

    The darkest is the largest weight. A source that is wider than width goes on in a further block below.
    """
    from rich.cells import cell_len, set_cell_size

    from textgen_core.reporting.text import BEGINNING, token_name

    columns, rows = [token_name(text, nothing=BEGINNING) for text in source], [token_name(text) for text in target]
    largest = max((max(values) for values in weights), default=0) or 1
    cell = max(map(cell_len, columns))
    gap = " " * (cell > 1)
    before = max(map(cell_len, rows), default=0)
    fitting = max(1, (width - before - 1) // (cell + len(gap)))
    for first in range(0, len(columns), fitting):
        some = slice(first, first + fitting)
        yield ""
        yield " " * (before + 1) + gap.join(set_cell_size(name, cell) for name in columns[some])
        for name, values in zip(rows, weights, strict=True):
            yield set_cell_size(name, before) + " " + gap.join(_shade(value / largest) * cell for value in values[some])


def _shade(weight: float) -> str:
    return SHADES[min(len(SHADES) - 1, int(weight * len(SHADES)))]
