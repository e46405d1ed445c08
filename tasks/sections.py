"""Parts of summary pages that show what lies in a stage directory: loss curve, samples, metrics."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import fmean
from typing import Any

from tasks import chart
from textgen_core import markdown
from textgen_core.datasets.parts import read_batches, read_table
from textgen_core.evaluation.table import MetricsTable

CURVE_POINTS = 60
"""Points of a curve in the UI; the whole history is in the Parquet dataset and in the report."""
SAMPLES_EACH = 2
"""Samples shown of each sampler."""
GROUPS = 12
"""Columns of the table of metrics; all are in the table artifact."""
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


def metric_rows(directory: Path) -> list[dict[str, str]]:
    """One row a group, one column a metric, the interval beside the value."""
    return [{"group": name, **cells} for name, cells in _metrics_table(directory).by_group()]


def metrics(directory: Path) -> str:
    """The metrics as a Markdown table, one row a metric and one column a group: metrics are many, samplers few."""
    table = _metrics_table(directory)
    groups = list(table.groups)[:GROUPS]
    names = [table.groups[group] for group in groups]
    return markdown.table(
        [{"metric": metric, **dict(zip(names, cells, strict=True))} for metric, cells in table.by_metric(groups)]
    )


def _metrics_table(directory: Path) -> MetricsTable:
    return MetricsTable.of(read_table(directory / "metrics").to_pylist())
