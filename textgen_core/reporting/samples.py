"""Samples side by side: one row a seed, one column a model and sampler."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from textgen_core.datasets.parts import parts_of, read_part
from textgen_core.figures import figure
from textgen_core.reporting.text import shortened

Column = tuple[str, str]
"""Name of the model, name of the sampler."""

TELLING = {"loop": "in a loop", "copied_chars": "characters copied", "mean_logprob": "log-probability a token"}
"""The scores shown below a sample, and what they are called there."""
LAST_COLUMNS = "model_id"
"""The column of generations after which the user's own begin."""


@dataclass(slots=True)
class Seed:
    """One row: the seed, its own columns, and what was made of it."""

    id: str
    prompt: str
    attributes: dict[str, str]
    cells: dict[Column, dict[str, Any]] = field(default_factory=dict)


def side_by_side(runs: Sequence[tuple[str, Path, Path]], count: int, length: int) -> tuple[list[Column], list[Seed]]:
    """The first samples of the first seeds.

    Args:
        runs: each model's name, its generation directory and its evaluation directory.
        count: seeds.
        length: characters of each text.
    """
    seeds: dict[str, Seed] = {}
    columns: dict[Column, None] = {}
    for name, generations, evaluation in runs:
        rows = list(_first(generations / "generations", count))
        scores = _scores(evaluation / "scores", {row["seed_id"] for row in rows})
        for row in rows:
            column = (name, row["sampler"])
            columns[column] = None
            seed = seeds.setdefault(row["seed_id"], _seed(row, length))
            seed.cells[column] = _cell(row, scores.get((row["seed_id"], row["sampler"]), {}), length)
    return list(columns), list(seeds.values())[:count]


def _first(directory: Path, count: int) -> Iterator[dict[str, Any]]:
    """Sample 0 of every sampler of the first seeds. A seed's rows lie in one part."""
    chosen: set[str] = set()
    for part in parts_of(directory):
        if len(chosen) >= count:
            break
        for batch in read_part(part):
            first = batch.filter(pc.equal(batch["sample_index"], 0))
            for row in first.to_pylist():
                if row["seed_id"] in chosen or len(chosen) < count:
                    chosen.add(row["seed_id"])
                    yield row


def _scores(directory: Path, seeds: set[str]) -> dict[tuple[str, str], dict[str, Any]]:
    wanted = pa.array(sorted(seeds), pa.string())
    found: dict[tuple[str, str], dict[str, Any]] = {}
    seen: set[str] = set()
    for part in parts_of(directory):
        if seen >= seeds:
            break
        for batch in read_part(part):
            mask = pc.and_(pc.is_in(batch["seed_id"], wanted), pc.equal(batch["sample_index"], 0))
            for row in batch.filter(mask).to_pylist():
                found[row["seed_id"], row["sampler"]] = row
                seen.add(row["seed_id"])
    return found


def _seed(row: dict[str, Any], length: int) -> Seed:
    names = list(row)
    own = names[names.index(LAST_COLUMNS) + 1 :]
    attributes = {name: shortened(figure(row[name]), 80) for name in own if row[name] is not None}
    return Seed(row["seed_id"], shortened(row["prompt"], length), attributes)


def _cell(row: dict[str, Any], scores: dict[str, Any], length: int) -> dict[str, Any]:
    told = [f"{figure(scores[name])} {what}" for name, what in TELLING.items() if scores.get(name) is not None]
    return {
        "text": shortened(row["text"], length),
        "notes": [f"{row['n_tokens']:,} tokens, ended by {row['finish_reason']}", *told],
    }
