"""A few samples on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flows.cli.output import say
from textgen_core.datasets.parts import parts_of, read_part, read_table

LENGTH = 240
"""Characters shown of each."""


def print_samples(generations: Path, title: str = "", seeds: int = 2) -> None:
    """Print the first sample that each sampler made of the first seeds."""
    by_seed: dict[str, list[dict[str, Any]]] = {}
    for row in first_samples(generations):
        if row["seed_id"] in by_seed or len(by_seed) < seeds:
            by_seed.setdefault(row["seed_id"], []).append(row)
    for rows in by_seed.values():
        say(f"\n{title + ': ' if title else ''}{one_line(rows[0]['prompt']) or '(from scratch)'} ...")
        width = max(len(row["sampler"]) for row in rows)
        for row in rows:
            say(f"  {row['sampler']:<{width}}  {one_line(row['text'])[:LENGTH] or '(white space only)'}")
    say()


def print_loops(model: Path, *samplers: str) -> None:
    """Print how much of each sampler's texts lies in the loop that they end in."""
    scores = read_table(model / "scores", ["sampler", "loop"]).to_pandas()
    share = scores.groupby("sampler")["loop"].mean()
    shown = ", ".join(f"{name} {share[name]:.0%}" for name in samplers)
    say(f"The same model loops or not by its sampler. Characters in a loop at the end: {shown}.\n")


def first_samples(generations: Path) -> Iterator[dict[str, Any]]:
    """The rows of the first part that are the first sample of their seed and sampler."""
    columns = ["seed_id", "sampler", "sample_index", "prompt", "text"]
    for batch in read_part(parts_of(generations)[0], columns):
        yield from (row for row in batch.to_pylist() if row["sample_index"] == 0)


def one_line(text: str) -> str:
    """The text with single spaces for its white space."""
    return " ".join(text.split())
