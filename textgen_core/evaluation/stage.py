"""The evaluation stage: generations and their model -> scores/ and metrics/."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textgen_core.datasets.manifest import Manifest, RunKey, read_manifest, stage_directory
from textgen_core.datasets.schemas import SCHEMA_VERSION
from textgen_core.datasets.stage import run_stage
from textgen_core.evaluation.settings import EvaluationSettings
from textgen_core.numerics import numerics
from textgen_core.progress import Progress, Update

if TYPE_CHECKING:
    from textgen_core.evaluation.suffixes import TrainingText

CODE_VERSION = 4

log = logging.getLogger(__name__)

INPUTS = {
    "generations": ("generations",),
    "model": ("config.json", "model.safetensors", "tokenizer.json"),
    "tokens": ("tokenizer.json", "sequences"),
    "corpus": ("documents",),
}
"""What of each input decides the result."""


def evaluation_key(settings: EvaluationSettings) -> RunKey:
    """All that decides the scores and metrics.

    Raises:
        DatasetError: an input is no finished stage directory.
    """
    inputs = {
        role: read_manifest(stage_directory(getattr(settings, role))).digest(*names) for role, names in INPUTS.items()
    }
    return RunKey(
        stage="evaluation",
        code_version=CODE_VERSION,
        schema_version=SCHEMA_VERSION,
        settings=settings.canonical(),
        inputs=inputs,
        numerics=numerics(settings.device),
    )


def evaluate(settings: EvaluationSettings, progress: Progress) -> Manifest:
    """Score every generation, and the model on held-out text.

    Raises:
        InputError: the held-out split is empty, or group_by names no column.
        DatasetError: an input is missing or damaged, or output holds another run.
    """

    def body(partial: Path) -> Mapping[str, Any]:
        return _evaluate(settings, partial, progress)

    return run_stage(evaluation_key(settings), settings.output, body)


def _evaluate(settings: EvaluationSettings, partial: Path, progress: Progress) -> dict[str, Any]:
    from textgen_core.datasets.parts import write_parts
    from textgen_core.datasets.schemas import METRICS
    from textgen_core.evaluation.aggregation import generation_rows
    from textgen_core.evaluation.groups import check_attributes
    from textgen_core.evaluation.scores import write_scores

    home = stage_directory(settings.generations)
    generations = home / "generations"
    check_attributes(generations, settings.group_by)
    total = sum(file.rows or 0 for file in read_manifest(home).files if file.path.startswith("generations/"))
    rows = _held_out_rows(settings)  # first, since what can be wrong is wrong here
    write_scores(generations, partial / "scores", _training_text(settings), _reporter(progress, total))
    rows += generation_rows(generations, partial / "scores", settings)
    import pyarrow as pa

    write_parts(partial / "metrics", METRICS, iter([pa.Table.from_pylist(rows, schema=METRICS)]), len(rows))
    return {"rows": total} | _headlines(rows)


def _training_text(settings: EvaluationSettings) -> TrainingText | None:
    if not settings.copied_span:
        return None
    from textgen_core.evaluation.suffixes import TrainingText
    from textgen_core.tokenization.corpus import Corpus

    doc_ids: list[str] = []
    texts: list[str] = []
    for _, ids, batch in Corpus(settings.corpus).drawn("train", settings.copied_span_characters):
        doc_ids += ids
        texts += batch
    return TrainingText(doc_ids, texts)


def _held_out_rows(settings: EvaluationSettings) -> list[dict[str, Any]]:
    from textgen_core.evaluation.held_out import held_out_rows
    from textgen_core.evaluation.reading import ModelReader
    from textgen_core.models.backend import on_device, prepare_device
    from textgen_core.models.directory import load_model
    from textgen_core.tokenization.tokenizers import load_tokenizer

    home = stage_directory(settings.model)
    with on_device(prepare_device(settings.device)):
        return held_out_rows(settings, ModelReader(load_model(home)), load_tokenizer(home))


def _headlines(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures that summaries show."""
    of_model = {row["metric"]: row["value"] for row in rows if not row["group"]}
    by_sampler = [
        (dict(row["group"])["sampler"], row["value"])
        for row in rows
        if row["metric"] == "distinct_2" and len(row["group"]) == 1
    ]
    return of_model | {f"distinct_2 {sampler}": value for sampler, value in by_sampler}


def _reporter(progress: Progress, total: int) -> Callable[[int], None]:
    done = 0

    def advance(rows: int) -> None:
        nonlocal done
        done += rows
        progress(Update("evaluation", done, total, "samples"))

    return advance
