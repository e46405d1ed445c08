"""The metrics dataset as tables and charts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textgen_core.datasets.parts import read_table
from textgen_core.reporting.dots import Dot

LABELS: Mapping[str, tuple[str, str]] = {
    "bits_per_char": ("bits per character", "bits to spell held-out text, unknowns included; lower is better"),
    "perplexity": ("perplexity", "of a held-out token; compares only models with the same tokens"),
    "perplexity_word": ("perplexity per word", "of a held-out white-space separated word; lower is better"),
    "chars": ("characters", "length of a continuation"),
    "words": ("words", "length of a continuation"),
    "tokens": ("tokens", "length of a continuation"),
    "mean_logprob": ("log-probability", "mean of a token under the model itself; near 0 is what the model expects"),
    "distinct_1": ("distinct words", "share of words that occur for the first time in the continuation"),
    "distinct_2": ("distinct pairs", "share of word pairs that occur for the first time; low is repetitive"),
    "distinct_3": ("distinct triples", "share of word triples that occur for the first time"),
    "distinct_4": ("distinct fours", "share of runs of four words that occur for the first time"),
    "pooled_distinct_1": ("distinct words of all", "share of different words among all continuations together"),
    "pooled_distinct_2": ("distinct pairs of all", "the same of word pairs; low where every seed gets the same answer"),
    "pooled_distinct_3": ("distinct triples of all", "the same of word triples"),
    "pooled_distinct_4": ("distinct fours of all", "the same of runs of four words"),
    "repeated_4": ("repeated fours", "share of words in a run of four that had occurred before; high is repetitive"),
    "loop": ("loop", "share of the continuation taken by a loop at its end"),
    "compression": ("compression", "how many times smaller the text packs; high is repetitive"),
    "copied_chars": ("copied characters", "longest span that stands in the training text as well"),
    "copied_share": ("copied share", "that span, as a share of the continuation"),
}
"""What people call a metric, and how to read it. Others go by their own name."""


@dataclass(frozen=True, slots=True)
class Value:
    """One metric of one group of one model."""

    model: int
    group: Mapping[str, str]
    metric: str
    value: float
    low: float | None
    high: float | None
    n: int
    signature: str


def read_values(evaluations: Sequence[Path]) -> list[Value]:
    """The metrics of every model, in the order of the datasets. Values that are null are left out."""
    found = []
    for model, directory in enumerate(evaluations):
        for row in read_table(directory / "metrics").to_pylist():
            if row["value"] is not None:
                found.append(Value(model=model, **{**row, "group": dict(row["group"])}))
    return found


def name_of(metric: str) -> str:
    """What people call a metric."""
    return LABELS.get(metric, (metric.replace("_", " "), ""))[0]


def meaning_of(metric: str) -> str:
    """How to read a metric; empty where nothing is known."""
    return LABELS.get(metric, ("", ""))[1]


def held_out(values: Iterable[Value], model: int) -> dict[str, Value]:
    """A model's figures on held-out text."""
    return {value.metric: value for value in values if value.model == model and not value.group}


def of_samplers(values: Iterable[Value]) -> list[Value]:
    """The values of whole samplers."""
    return [value for value in values if value.group.keys() == {"sampler"}]


def charts(values: Sequence[Value], models: Sequence[str]) -> list[dict[str, Any]]:
    """One chart a metric: its names and the dots, models and samplers in their order."""
    metrics = dict.fromkeys(value.metric for value in values)
    several = len(models) > 1
    return [
        {
            "metric": metric,
            "name": name_of(metric),
            "meaning": meaning_of(metric),
            "dots": [_dot(value, models, several) for value in values if value.metric == metric],
        }
        for metric in metrics
    ]


def _dot(value: Value, models: Sequence[str], several: bool) -> Dot:
    name = f"{models[value.model]} {value.group['sampler']}" if several else value.group["sampler"]
    return Dot(name, value.model, value.value, value.low, value.high)


def table(values: Sequence[Value]) -> dict[str, Any]:
    """Groups as columns, metrics as rows; a cell is a Value or None."""
    columns = list(dict.fromkeys(tuple(value.group.items()) for value in values))
    metrics = list(dict.fromkeys(value.metric for value in values))
    cells = {(value.metric, tuple(value.group.items())): value for value in values}
    return {
        "columns": [" · ".join(value for _, value in column) for column in columns],
        "rows": [(metric, name_of(metric), [cells.get((metric, column)) for column in columns]) for metric in metrics],
    }


def by_attribute(values: Iterable[Value]) -> dict[str, list[Value]]:
    """The values of samplers within the values of an attribute, by attribute."""
    found: dict[str, list[Value]] = {}
    for value in values:
        names = [name for name in value.group if name != "sampler"]
        if names:
            found.setdefault(" and ".join(names), []).append(value)
    return found
