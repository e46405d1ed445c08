"""The evaluation stage: generations and their model -> scores/ and metrics/."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textgen_core.datasets.inputs import digest_of
from textgen_core.datasets.manifest import Manifest, RunKey, read_manifest, stage_directory
from textgen_core.datasets.schemas import SCHEMA_VERSION
from textgen_core.datasets.stage import run_stage
from textgen_core.evaluation.origins import check_origins
from textgen_core.evaluation.settings import EvaluationSettings
from textgen_core.models.config import MODEL_FILES
from textgen_core.numerics import numerics, wording
from textgen_core.progress import Counter, Progress

if TYPE_CHECKING:
    from textgen_core.evaluation.copied_spans import SpanIndex

CODE_VERSION = 10

log = logging.getLogger(__name__)

INPUTS = {
    "generations": ("generations",),
    "model": MODEL_FILES,
    "tokens": ("sequences", "tokenizer.json"),
    "corpus": ("documents",),
}
"""What of each input decides the result."""


def evaluation_key(settings: EvaluationSettings) -> RunKey:
    """All that decides the scores and metrics.

    Raises:
        DatasetError: an input is no finished stage directory of its kind, or two were not made of each other.
    """
    inputs = {role: digest_of(stage_directory(getattr(settings, role)), *names) for role, names in INPUTS.items()}
    check_origins(settings.model, settings.tokens, settings.corpus, settings.generations)
    return RunKey(
        stage="evaluation",
        code_version=CODE_VERSION,
        schema_version=SCHEMA_VERSION,
        settings=settings.canonical(),
        inputs=inputs,
        numerics=numerics(settings.device) | wording(),
    )


def evaluate(settings: EvaluationSettings, progress: Progress) -> Manifest:
    """Score every generation, and, unless held_out_tokens is 0, the model on held-out text.

    Raises:
        InputError: the held-out split is empty, or group_by names no column.
        DatasetError: an input is missing, damaged or of something else, or output holds another run.
    """

    def body(partial: Path) -> Mapping[str, Any]:
        return _evaluate(settings, partial, progress)

    return run_stage(evaluation_key(settings), settings.output, body)


def _evaluate(settings: EvaluationSettings, partial: Path, progress: Progress) -> dict[str, Any]:
    import pyarrow as pa

    from textgen_core.datasets.parts import write_parts
    from textgen_core.datasets.schemas import METRICS
    from textgen_core.evaluation.aggregation import generation_rows
    from textgen_core.evaluation.groups import check_attributes
    from textgen_core.evaluation.scores import write_scores

    home = stage_directory(settings.generations)
    generations, scores = home / "generations", partial / "scores"
    check_attributes(generations, settings.group_by)
    total = sum(file.rows or 0 for file in read_manifest(home).files if file.path.startswith("generations/"))
    rows = [] if settings.held_out_tokens == 0 else _held_out_rows(settings, progress)  # first: here much can be wrong
    training, facts = _span_index(settings, progress) if settings.copied_span else (None, {})
    write_scores(generations, scores, training, Counter(progress, "evaluation", total, "samples"))
    del training
    rows += generation_rows(generations, scores, settings, progress)
    write_parts(partial / "metrics", METRICS, iter([pa.Table.from_pylist(rows, schema=METRICS)]), len(rows))
    return {"rows": total} | facts | _headlines(rows)


def _held_out_rows(settings: EvaluationSettings, progress: Progress) -> list[dict[str, Any]]:
    from textgen_core.evaluation.held_out import held_out_rows, read_held_out, tokens_to_read
    from textgen_core.evaluation.reading import ModelReader
    from textgen_core.models.backend import on_device, prepare_device
    from textgen_core.models.directory import load_model
    from textgen_core.tokenization.corpus import Corpus
    from textgen_core.tokenization.tokenizers import load_tokenizer

    home = stage_directory(settings.model)
    tokenizer = load_tokenizer(home)
    advance = Counter(progress, "held out", Corpus(settings.corpus).rows, "documents")
    documents = read_held_out(settings, tokenizer, advance)
    with on_device(prepare_device(settings.device)):
        reader = ModelReader(load_model(home))
        total = tokens_to_read(documents, reader)
        return held_out_rows(settings, documents, reader, tokenizer, Counter(progress, "scoring", total, "tokens"))


def _span_index(settings: EvaluationSettings, progress: Progress) -> tuple[SpanIndex, dict[str, Any]]:
    from textgen_core.evaluation.copied_spans import SpanIndex
    from textgen_core.evaluation.excerpts import training_excerpts
    from textgen_core.tokenization.corpus import Corpus

    corpus = Corpus(settings.corpus)
    found = training_excerpts(
        corpus, settings.copied_span_characters, Counter(progress, "reading", corpus.rows, "documents")
    )
    facts = {"indexed_characters": found.indexed, "training_characters": found.total}
    if found.indexed < found.total:
        log.warning("copied spans are looked for in %d of %d characters of training text", found.indexed, found.total)
    separators = max(0, len(found.texts) - 1)
    counter = Counter(progress, "index", found.indexed + separators, "characters")
    return SpanIndex(found.doc_ids, found.texts, counter), facts


def _headlines(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures that summaries show."""
    of_model = {row["metric"]: row["value"] for row in rows if not row["group"]}
    by_sampler = [
        (dict(row["group"])["sampler"], row["value"])
        for row in rows
        if row["metric"] == "distinct_2" and len(row["group"]) == 1
    ]
    return of_model | {f"distinct_2 {sampler}": value for sampler, value in by_sampler}
