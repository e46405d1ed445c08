"""Every dataset that a user meets: what a row is, where it lies, what identifies a row, what joins with what.

What a column means stands with its schema, what a metric measures with the metric.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from textgen_core.datasets import comparison_schemas, schemas
from textgen_core.evaluation import scores

SAMPLE = ("seed_id", "sampler", "sample_index")


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset.

    Attributes:
        row: what one row is.
        where: a glob of its parts; OUT is the output directory of a pipeline, REGISTRY that of a retraining,
            FRONTIER that of a sweep, COMPARED that of a comparison.
        columns: its schema, without the user's own columns.
        key: the columns that no two rows share; empty where there are none such.
        joins: columns -> the dataset whose rows they point to, by columns of the same names (by ``doc_id`` for
            ``copied_doc_id``).
        own: which of the user's columns follow.
    """

    row: str
    where: str
    columns: pa.Schema
    key: tuple[str, ...] = ()
    joins: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    own: str = ""


CATALOG = {
    "documents": Dataset(
        row="one cleaned document",
        where="OUT/documents/*.parquet",
        columns=schemas.DOCUMENTS,
        key=("doc_id",),
        joins={("source",): "sources"},
        own="those of the corpus that `keep_columns` names",
    ),
    "rejects": Dataset(
        row="one row of the corpus that could not be used",
        where="OUT/rejects/*.parquet",
        columns=schemas.REJECTS,
        joins={("source",): "sources"},
    ),
    "duplicates": Dataset(
        row="one row of the corpus whose text is a document already",
        where="OUT/duplicates/*.parquet",
        columns=schemas.DUPLICATES,
        key=("source", "source_row"),
        joins={("source",): "sources", ("content_hash",): "documents"},
    ),
    "sources": Dataset(
        row="one file, URL or built-in corpus that was read",
        where="OUT/sources/*.parquet",
        columns=schemas.SOURCES,
        key=("source",),
    ),
    "seeds": Dataset(
        row="one prompt drawn from held-out documents; only where no seed file was given",
        where="OUT/seeds.parquet",
        columns=schemas.SEEDS,
        key=("seed_id",),
        joins={("doc_id",): "documents"},
        own="the one of the documents that `by` names",
    ),
    "sequences": Dataset(
        row="one tokenized document",
        where="OUT/*/sequences/*.parquet",
        columns=schemas.SEQUENCES,
        key=("doc_id",),
        joins={("doc_id",): "documents"},
        own="those of the documents",
    ),
    "history": Dataset(
        row="one point of a learning curve",
        where="OUT/*/model/history/*.parquet",
        columns=schemas.HISTORY,
        key=("step", "split"),
    ),
    "generations": Dataset(
        row="one continuation of one seed",
        where="OUT/*/generations/*.parquet",
        columns=schemas.GENERATIONS,
        key=SAMPLE,
        joins={("seed_id",): "seeds"},
        own="those of the seed file, but for the prompt, the id and `sampler`",
    ),
    "refused seeds": Dataset(
        row="one row of the seed file that could not be used",
        where="OUT/*/rejects/*.parquet",
        columns=schemas.REJECTS,
        key=("source_row",),
    ),
    "scores": Dataset(
        row="what was measured of one continuation",
        where="OUT/*/scores/*.parquet",
        columns=scores.SCHEMA,
        key=SAMPLE,
        joins={SAMPLE: "generations", ("copied_doc_id",): "documents"},
    ),
    "metrics": Dataset(
        row="one figure of one group of continuations, or of the model",
        where="OUT/*/metrics/*.parquet",
        columns=schemas.METRICS,
        key=("group", "metric"),
    ),
    "challenge": Dataset(
        row="what both models made of one held-out document, in a round of `textgen retrain`",
        where="REGISTRY/challenge/*.parquet",
        columns=schemas.CHALLENGE,
        key=("doc_id",),
        joins={("doc_id",): "documents"},
    ),
    "frontier": Dataset(
        row="one setting of a sampler, or human text, in a sweep by `textgen frontier`",
        where="FRONTIER/frontier/*.parquet",
        columns=schemas.FRONTIER,
        key=("sampler",),
    ),
    "judged": Dataset(
        row="what the judge of a comparison makes of one continuation, or of human text, of the sampler `human`",
        where="COMPARED/*/judged/*.parquet",
        columns=comparison_schemas.JUDGED,
        key=SAMPLE,
        joins={SAMPLE: "generations"},
    ),
    "stretches": Dataset(
        row="a stretch of one long text, as a cell's model and the judge read it",
        where="COMPARED/*/stretches/*.parquet",
        columns=comparison_schemas.STRETCHES,
        key=("author", "seed_id", "block"),
        joins={("seed_id",): "seeds"},
    ),
    "comparison": Dataset(
        row="one cell of the grid of `textgen compare`",
        where="COMPARED/comparison/*.parquet",
        columns=comparison_schemas.COMPARISON,
        key=("cell",),
    ),
    "trade_offs": Dataset(
        row="a cell at one temperature: how fluent and how diverse its texts are",
        where="COMPARED/trade_offs/*.parquet",
        columns=comparison_schemas.TRADE_OFFS,
        key=("cell", "temperature"),
        joins={("cell",): "comparison"},
    ),
    "positions": Dataset(
        row="a cell's figures in one stretch of long texts, its own or human ones",
        where="COMPARED/positions/*.parquet",
        columns=comparison_schemas.POSITIONS,
        key=("cell", "author", "block"),
        joins={("cell",): "comparison"},
    ),
    "verdicts": Dataset(
        row="a question that people ask, and what the cells answer",
        where="COMPARED/verdicts/*.parquet",
        columns=comparison_schemas.VERDICTS,
        key=("question",),
    ),
}
"""By name, in the order in which the data flows."""
