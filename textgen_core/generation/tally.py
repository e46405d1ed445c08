"""What the finished parts hold, counted from the parts themselves: an interrupted job's counts are right, too."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from textgen_core.datasets.parts import parts_of, read_part


def tally(folder: Path) -> dict[str, Any]:
    """Seeds (those with rows), rows, tokens, and rows by finish reason and by sampler."""
    rows = tokens = seeds = 0
    reasons: Counter[str] = Counter()
    previous = None
    for path in parts_of(folder):
        for batch in read_part(path, ["seed_id", "n_tokens", "finish_reason"]):
            rows += batch.num_rows
            tokens += pc.sum(batch["n_tokens"]).as_py() or 0
            reasons.update(batch["finish_reason"].to_pylist())
            for key in batch["seed_id"].to_pylist():  # the rows of a seed are neighbours
                seeds += key != previous
                previous = key
    return {
        "generated": seeds,
        "rows": rows,
        "tokens": tokens,
        **{f"finished_{r}": reasons[r] for r in sorted(reasons)},
    }
