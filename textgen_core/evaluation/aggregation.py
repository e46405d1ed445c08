"""Scores to metrics: means over groups, with intervals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from textgen_core.datasets.parts import read_table
from textgen_core.evaluation.bootstrap import ratio_intervals, units
from textgen_core.evaluation.groups import groups, read_columns
from textgen_core.evaluation.metrics import METRICS
from textgen_core.evaluation.rows import bootstrap_signature, mean_rows
from textgen_core.evaluation.settings import EvaluationSettings


def generation_rows(generations: Path, scores: Path, settings: EvaluationSettings) -> list[dict[str, Any]]:
    """The rows of ``metrics`` of each sampler and attribute value. Holds a float a row and metric in memory."""
    table = read_columns(generations, settings.group_by)
    scored = read_table(scores, list(METRICS))
    values = np.stack([scored[name].fill_null(float("nan")).to_numpy() for name in METRICS], axis=1)
    seeds = np.array(table["seed_id"].to_pylist(), object)
    interval = bootstrap_signature(settings.bootstrap, "seed")
    signatures = {name: f"{metric.signature}|{interval}" for name, metric in METRICS.items()}
    rows = []
    for group, mask in groups(table, settings.group_by):
        known = ~np.isnan(values[mask])
        intervals = ratio_intervals(
            np.nan_to_num(values[mask]), known.astype(float), units(seeds[mask].tolist()), settings.bootstrap
        )
        columns = dict(zip(METRICS, values[mask].T, strict=True))
        rows += mean_rows(group, columns, intervals, signatures)
    return rows
