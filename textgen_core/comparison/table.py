"""The rows of ``comparison``: what each cell is, costs and achieves, from what its stages have left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textgen_core.comparison.stage_settings import CellRun
from textgen_core.datasets.comparison_schemas import COMPARISON
from textgen_core.datasets.manifest import read_manifest
from textgen_core.datasets.parts import read_table
from textgen_core.models.config import WEIGHTS, read_config
from textgen_core.models.sizes import size_of
from textgen_core.tokenization.sequences import in_a_pass

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finished:
    """A cell with all its stages."""

    run: CellRun
    tokens: Path
    model: Path
    generations: Path
    evaluation: Path
    long: Path
    reading: Path


def finished(cells: Sequence[CellRun]) -> list[Finished]:
    """Those that did not fail."""
    found = []
    for run in cells:
        made = [getattr(run, name) for name in ("tokens", "model", "generations", "evaluation", "long", "reading")]
        if run.failure is None and all(made):
            found.append(Finished(run, *made))
    return found


def of_cell(run: CellRun) -> Row:
    """The columns that say which cell a row belongs to."""
    return {
        "cell": run.name,
        **{name: getattr(run, name) for name in ("variant", "family", "level", "size", "share")},
    }


def cell_row(run: CellRun, cell: Finished | None) -> Row:
    """A row of ``comparison``; of a cell that failed only what it is, and why."""
    empty = dict.fromkeys(COMPARISON.names)
    told = of_cell(run) | {"failure": run.failure, "failed_stage": run.failed_stage}
    return empty | told | ({} if cell is None else _held_out(cell) | _costs(cell))


def _held_out(cell: Finished) -> Row:
    rows = read_table(cell.evaluation / "metrics").to_pylist()
    found = next(row for row in rows if row["metric"] == "bits_per_char" and not row["group"])
    ends = {f"bits_per_char_{end}": found[end] for end in ("low", "high")}
    return {"bits_per_char": found["value"], **ends}


def _costs(cell: Finished) -> Row:
    tokens, training, long = (read_manifest(place).facts for place in (cell.tokens, cell.model, cell.long))
    positions = long["tokens"] // max(1, long["rows"])
    texts = read_table(cell.long / "generations", ["text"])["text"].to_pylist()
    size = size_of(read_config(cell.model).model, tokens["vocab_size"])
    return {
        "parameters": training["parameters"],
        "vocab_size": tokens["vocab_size"],
        "train_characters": tokens["chars_train"],
        "steps": training["steps"],
        "best_step": training["best_step"],
        "characters_seen": round(training["tokens_seen"] * tokens["chars_train"] / max(1, in_a_pass(tokens))),
        "training_seconds": training["training_seconds"],
        "characters_per_second": speed(sum(map(len, texts)), long),
        "weight_bytes": (cell.model / WEIGHTS).stat().st_size,
        "training_bytes": size.training_bytes,
        "state_bytes": size.state_bytes(positions),
    }


def speed(characters: int, facts: Mapping[str, Any]) -> float | None:
    """Characters a second, without the time that compiling took; None where that took all, or where a job that was
    killed after its last text only wrote down that it was done.

    Args:
        characters: of all texts of a generation.
        facts: the generation's. Of a job that was killed its pace is that of the last attempt, to whose tokens belongs
            that share of the characters.
    """
    tokens, pace = facts["tokens"] - facts.get("earlier_tokens", 0), facts["tokens_per_second"]
    seconds = tokens / pace - facts["compile_seconds"] if pace else 0.0
    return float(f"{characters * tokens / facts['tokens'] / seconds:.4g}") if seconds > 0 else None
