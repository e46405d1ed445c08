"""The page: what every stage left, gathered and put into one template."""

from __future__ import annotations

from typing import Any

from textgen_core.datasets.manifest import read_manifest, stage_directory
from textgen_core.figures import figure
from textgen_core.reporting import metrics
from textgen_core.reporting.chart import line_chart
from textgen_core.reporting.curves import Axis, learning_curves
from textgen_core.reporting.document import document
from textgen_core.reporting.dots import dot_chart
from textgen_core.reporting.heat_map import attention_maps
from textgen_core.reporting.lineage import stage_row
from textgen_core.reporting.models import model_rows, verdict
from textgen_core.reporting.rejects import reject_rows
from textgen_core.reporting.samples import side_by_side
from textgen_core.reporting.settings import ModelRun, ReportingSettings
from textgen_core.reporting.text import visible

AXES: dict[Axis, str] = {"seconds": "seconds of training", "tokens_seen": "tokens seen"}


def render(settings: ReportingSettings) -> str:
    """The page as HTML: one file without scripts, which a browser shows without any request."""
    helpers = {"dot_chart": dot_chart, "meaning_of": metrics.meaning_of}
    return document("report.html", **helpers, **gathered(settings))


def gathered(settings: ReportingSettings) -> dict[str, Any]:
    """Everything that the template shows."""
    runs = [_resolved(run) for run in settings.runs]
    corpus = stage_directory(settings.corpus)
    names = [run.name for run in runs]
    values = metrics.read_values([run.evaluation for run in runs])
    histories = [(run.name, run.model / "history") for run in runs]
    columns, seeds = side_by_side(
        [(run.name, run.generations, run.evaluation) for run in runs], settings.seeds, settings.sample_chars
    )
    models = model_rows(runs, values)
    return {
        "title": settings.title,
        "corpus": {fact: visible(figure(value)) for fact, value in read_manifest(corpus).facts.items()},
        "models": models,
        "verdict": verdict(names, values),
        "curves": {
            title: line_chart(learning_curves(histories, axis, settings.curve_points), title, "bits per character")
            for axis, title in AXES.items()
        },
        "attention": [(run.name, maps) for run in runs if (maps := attention_maps(run.model))],
        "charts": metrics.charts(metrics.of_samplers(values), names),
        "tables": [(name, _tables(values, number)) for number, name in enumerate(names)],
        "color_of": {name: number % 8 for number, name in enumerate(names)},
        "columns": columns,
        "seeds": seeds,
        "rejects": reject_rows(
            [
                ("ingestion", corpus / "rejects"),
                *((f"{run.name} generation", run.generations / "rejects") for run in runs),
            ]
        ),
        "stages": [stage_row("ingestion", read_manifest(corpus)), *(row for run in runs for row in _stages(run))],
    }


def _resolved(run: ModelRun) -> ModelRun:
    places = {role: stage_directory(getattr(run, role)) for role in ("tokens", "model", "generations", "evaluation")}
    return ModelRun(name=run.name, **places)


def _tables(values: list[metrics.Value], model: int) -> dict[str, Any]:
    """A model's tables: by sampler, then by each attribute."""
    own = [value for value in values if value.model == model]
    whole = {"": metrics.of_samplers(own)}
    return {name: metrics.table(rows) for name, rows in (whole | metrics.by_attribute(own)).items() if rows}


def _stages(run: ModelRun) -> list[dict[str, Any]]:
    stages = {"tokenization": run.tokens, "training": run.model, "generation": run.generations}
    return [
        stage_row(f"{run.name}/{stage}", read_manifest(directory))
        for stage, directory in (stages | {"evaluation": run.evaluation}).items()
    ]
