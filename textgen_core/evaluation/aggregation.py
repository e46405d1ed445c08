"""Scores to metrics: figures of groups, with intervals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from textgen_core.datasets.parts import read_table
from textgen_core.evaluation import pooled
from textgen_core.evaluation.bootstrap import ratio_intervals, units
from textgen_core.evaluation.groups import Partition, partitions, read_columns
from textgen_core.evaluation.metrics import METRICS
from textgen_core.evaluation.rows import bootstrap_signature, mean_rows, metric_row
from textgen_core.evaluation.settings import EvaluationSettings
from textgen_core.progress import Counter, Progress, silent

Rows = list[dict[str, Any]]


def generation_rows(generations: Path, scores: Path, settings: EvaluationSettings, progress: Progress = silent) -> Rows:
    """The rows of ``metrics`` of each sampler and attribute value. Holds a float a row and metric in memory."""
    table = read_columns(generations, settings.group_by)
    seeds = table["seed_id"].to_pylist()
    means = _Means(scores, seeds, settings)
    whole = _Pooled(generations, seeds, settings, Counter(progress, "n-grams", table.num_rows, "samples"))
    found = list(partitions(table, settings.group_by))
    advance = Counter(progress, "metrics", sum(len(partition.groups) for partition in found), "groups")
    rows: Rows = []
    for partition in found:
        figures = whole.rows(partition)
        for number, group in enumerate(partition.groups):
            rows += means.rows(group, partition.code == number) + figures[number]
            advance(1)
    return rows


class _Means:
    """Means of the texts' own scores."""

    def __init__(self, scores: Path, seeds: list[str], settings: EvaluationSettings) -> None:
        scored = read_table(scores, list(METRICS))
        self._values = np.stack([scored[name].fill_null(float("nan")).to_numpy() for name in METRICS], axis=1)
        self._seeds = np.array(seeds, object)
        self._bootstrap = settings.bootstrap
        interval = bootstrap_signature(settings.bootstrap, "seed")
        self._signatures = {name: f"{metric.signature}|{interval}" for name, metric in METRICS.items()}

    def rows(self, group: dict[str, str], mask: np.ndarray[Any, Any]) -> Rows:
        values = self._values[mask]
        known = ~np.isnan(values)
        unit = units(self._seeds[mask].tolist())
        intervals = ratio_intervals(np.nan_to_num(values), known.astype(float), unit, self._bootstrap)
        return mean_rows(group, dict(zip(METRICS, values.T, strict=True)), intervals, self._signatures)


class _Pooled:
    """Distinct-n over all texts of a group."""

    def __init__(self, generations: Path, seeds: list[str], settings: EvaluationSettings, advance: Counter) -> None:
        self._ngrams = pooled.read_ngrams(generations, advance=advance)
        self._unit = units(seeds)
        self._intervals = settings.bootstrap.samples > 0

    def rows(self, partition: Partition) -> list[Rows]:
        """The rows of each group."""
        rows: list[Rows] = [[] for _ in partition.groups]
        for ngrams in self._ngrams:
            found = pooled.pooled_distinct(ngrams, partition.code, len(rows), self._unit)
            signature = pooled.signature(ngrams, self._intervals)
            for place, (value, low, high, n) in enumerate(zip(*found, strict=True)):
                low, high = (low, high) if self._intervals else (np.nan, np.nan)
                name = f"pooled_distinct_{ngrams.n}"
                rows[place].append(metric_row(partition.groups[place], name, value, low, high, int(n), signature))
        return rows
