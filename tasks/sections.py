"""Parts of summary pages that show what lies in a stage directory: loss curve, samples, metrics."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import fmean
from typing import Any

from tasks import chart, markdown
from textgen_core.datasets.parts import read_batches, read_table
from textgen_core.figures import figure

CURVE_POINTS = 60
"""Points of a curve in the UI; the whole history is in the Parquet dataset and in the report."""
SAMPLES_EACH = 2
"""Samples shown of each sampler."""
ROWS_SEARCHED = 2_000
"""How far the samples are looked for: a page must not cost a scan of a million rows."""


def loss_curve(directory: Path) -> str:
    """Training and validation loss over the steps, as a chart; '' before there is a point."""
    history = read_table(directory / "history", ["step", "split", "loss"]).to_pandas().dropna()
    curves = {
        str(split): _thinned(rows["step"].tolist(), rows["loss"].tolist()) for split, rows in history.groupby("split")
    }
    return chart.image("Loss a token, in nats", "steps", curves) if curves else ""


def _thinned(steps: list[float], losses: list[float]) -> list[tuple[float, float]]:
    """At most CURVE_POINTS points; each is the mean of its neighbours, so that the noise of single batches goes."""
    size = math.ceil(len(steps) / CURVE_POINTS)
    blocks = [slice(first, first + size) for first in range(0, len(steps), size)]
    return [(fmean(steps[block]), fmean(losses[block])) for block in blocks]


def samples(directory: Path) -> str:
    """The first samples of each sampler, prompt and continuation."""
    shown: dict[str, list[str]] = {}
    columns = ["seed_id", "sampler", "prompt", "text", "finish_reason"]
    searched = 0
    for batch in read_batches(directory / "generations", columns, batch_rows=500):
        for row in batch.to_pylist():
            block = shown.setdefault(row["sampler"], [])
            if len(block) < SAMPLES_EACH:
                block.append(_sample(row))
        searched += batch.num_rows
        if searched >= ROWS_SEARCHED:
            break
    return "\n\n".join(f"### {markdown.inline(name)}\n\n" + "\n\n".join(block) for name, block in shown.items())


def _sample(row: dict[str, Any]) -> str:
    heading = f"Seed {markdown.inline(row['seed_id'], 60)}, ends by {markdown.inline(row['finish_reason'])}"
    return f"{heading}\n\n{markdown.fenced(str(row['prompt']) + '▸' + str(row['text'] or ''))}"


def metric_rows(directory: Path) -> list[dict[str, Any]]:
    """One row a group, one column a metric, the interval beside the value."""
    rows: dict[str, dict[str, Any]] = {}
    for entry in read_table(directory / "metrics").to_pylist():
        group = ", ".join(f"{name} {value}" for name, value in entry["group"]) or "all"
        row = rows.setdefault(group, {"group": group})
        row[entry["metric"]] = _with_interval(entry)
    return list(rows.values())


def _with_interval(entry: dict[str, Any]) -> str:
    if entry["low"] is None or entry["high"] is None:
        return figure(entry["value"])
    return " ".join([figure(entry["value"]), f"({entry['low']:.4g} to {entry['high']:.4g})"])


def metrics(directory: Path) -> str:
    """The metrics as a Markdown table, one row a metric and one column a group: metrics are many, samplers few."""
    rows = metric_rows(directory)
    names = dict.fromkeys(name for row in rows for name in row if name != "group")
    table = [{"metric": name, **{row["group"]: row.get(name) for row in rows[:12]}} for name in names]
    return markdown.table(table)
