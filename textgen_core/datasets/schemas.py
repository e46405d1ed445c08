"""The Arrow schema of every dataset: the contract with whoever reads them downstream.

``documents``, ``sequences`` and ``generations`` end with the user's own columns, which keep their own types.
"""

from __future__ import annotations

import pyarrow as pa

from textgen_core.errors import InputError

SCHEMA_VERSION = 1
"""Raised whenever a column is added, removed, renamed or retyped."""


def _schema(*fields: tuple[str, pa.DataType, str]) -> pa.Schema:
    return pa.schema([pa.field(name, kind, metadata={"description": text}) for name, kind, text in fields])


DOCUMENTS = _schema(
    ("doc_id", pa.string(), "hash of source, row and content: unique in the dataset, stable between runs"),
    ("source", pa.string(), "file or URL the document came from"),
    ("source_row", pa.int64(), "zero-based row, line or paragraph in the source"),
    ("split", pa.string(), "train, validation or test"),
    ("text", pa.string(), "the cleaned text"),
    ("n_chars", pa.int32(), "Unicode code points in text"),
    ("n_words", pa.int32(), "white-space separated words in text"),
    ("content_hash", pa.string(), "hash of the text alone: equal texts are equal here"),
)

REJECTS = _schema(
    ("source", pa.string(), "file or URL of the refused row"),
    ("source_row", pa.int64(), "zero-based row; null where the whole file was refused"),
    ("stage", pa.string(), "stage that refused it"),
    ("code", pa.string(), "short reason for grouping, e.g. invalid-utf8"),
    ("message", pa.string(), "the rule, what was received and the remedy"),
    ("raw", pa.binary(), "the first bytes of the refused input"),
)

DUPLICATES = _schema(
    ("source", pa.string(), "file or URL of the dropped row"),
    ("source_row", pa.int64(), "zero-based row, line or paragraph in the source"),
    ("content_hash", pa.string(), "hash of its text: the document kept has the same"),
)

SOURCES = _schema(
    ("source", pa.string(), "file or URL, or the built-in corpus"),
    ("format", pa.string(), "the reader that read it"),
    ("sha256", pa.string(), "digest of its bytes as stored"),
    ("rows", pa.int64(), "rows in it: documents + rejects + duplicates - cut"),
    ("documents", pa.int64(), "rows of documents that came from it"),
    ("rejects", pa.int64(), "rows of it that were refused"),
    ("duplicates", pa.int64(), "rows of it whose text occurred before"),
    ("cut", pa.int64(), "documents added where a split's border cut one in two"),
    ("own_schema", pa.binary(), "the kept columns it has, as an Arrow IPC schema"),
)

SEQUENCES = _schema(
    ("doc_id", pa.string(), "the document's id"),
    ("split", pa.string(), "train, validation or test"),
    ("token_ids", pa.list_(pa.int32()), "the document's tokens, without an end-of-text"),
    ("n_tokens", pa.int32(), "length of token_ids"),
)

GENERATIONS = _schema(
    ("seed_id", pa.string(), "the seed's key: the user's id, or content hash and occurrence"),
    ("sample_index", pa.int32(), "0 to n-1 among the samples of one seed and sampler"),
    ("sampler", pa.string(), "name of the sampler in the job's settings"),
    ("prompt", pa.string(), "the prompt as read"),
    ("text", pa.string(), "the continuation, without the prompt and without the stop string"),
    ("token_ids", pa.list_(pa.int32()), "the continuation's tokens"),
    ("n_tokens", pa.int32(), "length of token_ids"),
    (
        "logprob",
        pa.float64(),
        "sum of the model's own natural log-probabilities of token_ids and of the end, if it ended",
    ),
    ("finish_reason", pa.string(), "end (end of text), stop (stop string), length (budget), error"),
    ("prompt_cut", pa.bool_(), "the prompt was longer than the model's room and only its tail was used"),
    ("model_id", pa.string(), "first 12 hex digits of the model's digest"),
)

SCORE_KEYS = _schema(
    ("seed_id", pa.string(), "as in generations"),
    ("sample_index", pa.int32(), "as in generations"),
    ("sampler", pa.string(), "as in generations"),
)

METRICS = _schema(
    (
        "group",
        pa.map_(pa.string(), pa.string()),
        "what the rows of this value share: sampler, attribute values; empty for all",
    ),
    ("metric", pa.string(), "the metric's name"),
    ("value", pa.float64(), "its value"),
    ("low", pa.float64(), "lower end of the 95% bootstrap interval; null where there is none"),
    ("high", pa.float64(), "upper end"),
    ("n", pa.int64(), "rows it was computed from"),
    ("signature", pa.string(), "all settings that reproduce the value"),
)

HISTORY = _schema(
    ("step", pa.int64(), "optimizer steps done"),
    ("tokens_seen", pa.int64(), "training tokens consumed"),
    ("seconds", pa.float64(), "training time so far, interruptions left out"),
    ("split", pa.string(), "train or validation"),
    ("loss", pa.float64(), "mean negative log-likelihood a token, natural log"),
    ("bits_per_char", pa.float64(), "loss in bits, per original character of the split"),
    ("learning_rate", pa.float64(), "at this step"),
)

SCHEMAS = {
    "documents": DOCUMENTS,
    "rejects": REJECTS,
    "duplicates": DUPLICATES,
    "sources": SOURCES,
    "sequences": SEQUENCES,
    "generations": GENERATIONS,
    "scores": SCORE_KEYS,
    "metrics": METRICS,
    "history": HISTORY,
}


def extended(base: pa.Schema, own: pa.Schema, source: str) -> pa.Schema:
    """The base schema followed by the user's own columns.

    Raises:
        InputError: a column of the user's has the name of one of ours.
    """
    taken = sorted(set(base.names) & set(own.names))
    if taken:
        raise InputError(
            f"columns kept from {source} must not have the name of a column of the dataset",
            ", ".join(taken),
            "Rename them there, or leave them out of the kept columns",
        )
    return pa.schema([*base, *own])
