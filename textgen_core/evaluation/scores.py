"""Generations to scores: one part for one part, in the same order, each finished part kept over a restart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from textgen_core.datasets.columns import column
from textgen_core.datasets.parts import PartWriter, parts_of, read_part
from textgen_core.datasets.schemas import SCORE_KEYS
from textgen_core.errors import DatasetError
from textgen_core.evaluation.copied_spans import SpanIndex
from textgen_core.evaluation.metrics import METRICS
from textgen_core.evaluation.samples import Samples

BATCH_ROWS = 250
"""Rows scored between two signs of progress: less than a second's work."""
READ = [*SCORE_KEYS.names, "text", "n_tokens", "logprob", "finish_reason"]
SCHEMA = pa.schema(
    [
        *SCORE_KEYS,
        *(pa.field(name, pa.float64()) for name in METRICS),
        column("copied_doc_id", pa.string(), "the document that copied_chars stand in", null="where none do"),
    ]
)


def write_scores(generations: Path, scores: Path, training: SpanIndex | None, advance: Callable[[int], None]) -> None:
    """Score every generation into scores/.

    Raises:
        DatasetError: a part of scores doesn't hold the keys of its part of generations.
    """
    for source in parts_of(generations):
        target = scores / source.name
        if not target.exists():
            scored = [SCHEMA.empty_table()]
            for batch in read_part(source, READ, BATCH_ROWS):
                scored.append(_scored(batch, training).cast(SCHEMA))
                advance(batch.num_rows)
            with PartWriter(target, SCHEMA) as part:
                part.write(pa.concat_tables(scored))
        else:
            advance(pq.read_metadata(target).num_rows)
        if pq.read_table(target, columns=SCORE_KEYS.names) != pq.read_table(source, columns=SCORE_KEYS.names):
            raise DatasetError(
                "scores must have the keys of the generations", f"{target} and {source}", "Run `textgen evaluate` again"
            )


def samples_of(batch: pa.RecordBatch) -> Samples:
    """The columns that metrics look at."""
    return Samples(
        texts=texts_of(batch),
        n_tokens=batch["n_tokens"].fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64),
        logprobs=batch["logprob"].fill_null(float("nan")).to_numpy(zero_copy_only=False),
        ended=np.array([reason == "end" for reason in batch["finish_reason"].to_pylist()], bool),
    )


def texts_of(batch: pa.RecordBatch) -> list[str | None]:
    """The texts; None where generation failed, so that the stump of a text is not judged."""
    rows = zip(batch["text"].to_pylist(), batch["finish_reason"].to_pylist(), strict=True)
    return [None if reason == "error" else text for text, reason in rows]


def _scored(batch: pa.RecordBatch, training: SpanIndex | None) -> pa.Table:
    samples = samples_of(batch)
    spans: list[tuple[int, str | None]] = [(0, None)] * len(samples)
    if training is not None:
        spans = training.longest([text or "" for text in samples.texts])
        samples = replace(samples, copied=np.array([length for length, _ in spans], np.int64))
    keys = {name: batch[name] for name in SCORE_KEYS.names}
    values = {name: pa.array(metric(samples), pa.float64()) for name, metric in METRICS.items()}
    copied = {"copied_doc_id": pa.array([doc_id for _, doc_id in spans], pa.string())}
    return pa.table({**keys, **values, **copied})
