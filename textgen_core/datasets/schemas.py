"""The Arrow schema of every dataset: the contract with whoever reads them downstream.

A column's meaning and whether it may be null stand here alone; they are written into every part, ``textgen show``
prints them, and ``docs/datasets.md`` is made of them. ``documents``, ``sequences`` and ``generations`` end with the
user's own columns, which keep their own types.
"""

from __future__ import annotations

import pyarrow as pa

from textgen_core.datasets.columns import column

SCHEMA_VERSION = 9
"""Raised whenever a column is added, removed, renamed, retyped or described otherwise: parts have other bytes then."""

DOCUMENTS = pa.schema(
    [
        column("doc_id", pa.string(), "hash of source, row and content: unique in the dataset, stable between runs"),
        column("source", pa.string(), "file or URL the document came from"),
        column("source_row", pa.int64(), "zero-based row, line or paragraph in the source"),
        column("split", pa.string(), "train, validation or test"),
        column("text", pa.string(), "the cleaned text"),
        column("n_chars", pa.int32(), "Unicode code points in text"),
        column("n_words", pa.int32(), "white-space separated words in text"),
        column("content_hash", pa.string(), "hash of the text alone: equal texts are equal here"),
    ]
)

REJECTS = pa.schema(
    [
        column("source", pa.string(), "file or URL of the refused row"),
        column("source_row", pa.int64(), "zero-based row in the source", null="where the whole file was refused"),
        column("stage", pa.string(), "stage that refused it: ingestion or generation"),
        column("code", pa.string(), "short reason for grouping, e.g. undecodable"),
        column("message", pa.string(), "the rule, what was received and the remedy"),
        column("raw", pa.binary(), "the first bytes of the refused input; empty for a whole file"),
    ]
)

DUPLICATES = pa.schema(
    [
        column("source", pa.string(), "file or URL of the dropped row"),
        column("source_row", pa.int64(), "zero-based row, line or paragraph in the source"),
        column("content_hash", pa.string(), "hash of its text: the document kept has the same"),
    ]
)

SOURCES = pa.schema(
    [
        column("source", pa.string(), "file or URL, or the built-in corpus"),
        column("format", pa.string(), "the reader that read it"),
        column("sha256", pa.string(), "digest of its bytes as stored"),
        column("rows", pa.int64(), "rows in it: documents + rejects + duplicates - cut"),
        column("documents", pa.int64(), "rows of documents that came from it"),
        column("rejects", pa.int64(), "rows of it that were refused"),
        column("duplicates", pa.int64(), "rows of it whose text occurred before"),
        column("cut", pa.int64(), "documents added where a split's border cut one in two"),
        column("own_schema", pa.binary(), "the kept columns it has, as an Arrow IPC schema"),
    ]
)

SEEDS = pa.schema(
    [
        column("seed_id", pa.string(), "names the seed: seed-00000, seed-00001 ..."),
        column("prompt", pa.string(), "words of a held-out document, as they stand there"),
        column("doc_id", pa.string(), "the document they were taken from"),
    ]
)

SEQUENCES = pa.schema(
    [
        column("doc_id", pa.string(), "the document's id"),
        column("split", pa.string(), "train, validation or test"),
        column(
            "token_ids",
            pa.list_(pa.int32()),
            "the document's tokens, without an end-of-text; of its pairs: source PAD target, END between them",
        ),
        column("n_tokens", pa.int32(), "length of token_ids"),
    ]
)

HISTORY = pa.schema(
    [
        column("step", pa.int64(), "optimizer steps done"),
        column("tokens_seen", pa.int64(), "training tokens consumed"),
        column("seconds", pa.float64(), "training time so far, interruptions left out"),
        column("split", pa.string(), "train or validation"),
        column("loss", pa.float64(), "mean negative log-likelihood a token, natural log"),
        column(
            "bits_per_char",
            pa.float64(),
            "loss in bits, per original character of the split",
            null="where its characters are not known",
        ),
        column("learning_rate", pa.float64(), "at this step"),
    ]
)

GENERATIONS = pa.schema(
    [
        column("seed_id", pa.string(), "the seed's key: the user's id, or content hash and occurrence"),
        column("sample_index", pa.int32(), "0 to n-1 among the samples of one seed and sampler; a beam search's rank"),
        column("sampler", pa.string(), "name of the sampler in the job's settings"),
        column("prompt", pa.string(), "the prompt as read"),
        column("text", pa.string(), "the continuation, without the prompt and without what stopped it"),
        column("token_ids", pa.list_(pa.int32()), "the continuation's tokens"),
        column("n_tokens", pa.int32(), "length of token_ids"),
        column(
            "logprob",
            pa.float64(),
            "sum of the model's own natural log-probabilities of token_ids and of the end, if it ended",
        ),
        column(
            "finish_reason",
            pa.string(),
            "end (end of text), stop (stop string or token), loop (the same again and again), length (budget), error",
        ),
        column(
            "draw",
            pa.int32(),
            "which draw of its seed and sampler was accepted: the row's sample_index in a job without until",
            null="unless the job has until",
        ),
        column(
            "prompt_cut",
            pa.bool_(),
            "the prompt was longer than the model's room: only its end was used, by an encoder-decoder its beginning",
        ),
        column("model_id", pa.string(), "first 12 hex digits of the model's digest"),
        column(
            "token_logprobs",
            pa.list_(pa.float32()),
            "the model's own natural log-probability of each token, and of the end, if it ended",
            null="unless telemetry is asked for",
        ),
        column(
            "mean_entropy",
            pa.float64(),
            "of the model's own distribution, in nats, over the tokens and the end",
            null="unless telemetry is asked for, and of a beam search",
        ),
        column(
            "mean_candidates",
            pa.float64(),
            "tokens that the sampler left to choose from",
            null="unless telemetry is asked for, and of a beam search",
        ),
        column(
            "mean_mass_cut",
            pa.float64(),
            "the model's own probability of all that the sampler left out",
            null="unless telemetry is asked for, and of a beam search",
        ),
        column(
            "in_loop",
            pa.bool_(),
            "the last tokens, at most 64, have come four times in a row",
            null="unless telemetry is asked for",
        ),
        column(
            "alternatives",
            pa.list_(pa.list_(pa.struct([("token_id", pa.int32()), ("logprob", pa.float32())]))),
            "beside each token the likeliest by the model itself",
            null="unless alternatives are asked for, and of a beam search",
        ),
    ]
)

SCORE_KEYS = pa.schema(
    [
        column("seed_id", pa.string(), "as in generations"),
        column("sample_index", pa.int32(), "as in generations"),
        column("sampler", pa.string(), "as in generations"),
    ]
)

METRICS = pa.schema(
    [
        column(
            "group",
            pa.map_(pa.string(), pa.string()),
            "what the rows of this value share: sampler, attribute values; empty for the model itself",
        ),
        column("metric", pa.string(), "the metric's name"),
        column("value", pa.float64(), "its value", null="where no row of the group has one"),
        column("low", pa.float64(), "lower end of the 95% bootstrap interval", null="where there is none"),
        column("high", pa.float64(), "upper end", null="where there is none"),
        column("n", pa.int64(), "rows it was computed from"),
        column("signature", pa.string(), "all settings that reproduce the value"),
    ]
)

CHALLENGE = pa.schema(
    [
        column("doc_id", pa.string(), "a held-out document that both models read"),
        column("n_chars", pa.int32(), "Unicode code points in its text; in its targets where it is made into pairs"),
        column("champion_bits", pa.float64(), "bits that the champion needs for these, its unknown tokens spelt"),
        column("challenger_bits", pa.float64(), "the challenger's"),
    ]
)


FRONTIER = pa.schema(
    [
        column("knob", pa.string(), "the knob that was turned, all others off; human for held-out human text"),
        column("value", pa.float64(), "what it was turned to", null="for human text"),
        column("sampler", pa.string(), "what this setting is called in generations and metrics"),
        column("texts", pa.int64(), "texts that were measured"),
        column(
            "quality",
            pa.float64(),
            "mean natural log-probability of a token under the model itself",
            null="where no text has a token",
        ),
        column("quality_low", pa.float64(), "lower end of the 95% bootstrap interval", null="where there is none"),
        column("quality_high", pa.float64(), "upper end", null="where there is none"),
        column(
            "diversity",
            pa.float64(),
            "different word pairs over all, among as many pairs of each setting",
            null="where it has less than half as many as human text",
        ),
        column("diversity_low", pa.float64(), "lower end of the 95% jackknife interval", null="like diversity"),
        column("diversity_high", pa.float64(), "upper end", null="like diversity"),
        column("repetition", pa.float64(), "repeated_4 of metrics", null="where no text has four words"),
        column("copied_share", pa.float64(), "copied_share of metrics", null="where all texts are empty"),
        column(
            "tokens_per_second",
            pa.float64(),
            "of all its knob's settings together, compiling included",
            null="for human text",
        ),
        column(
            "distance",
            pa.float64(),
            "from human text, in half-widths of its intervals",
            null="where diversity is, and for human text",
        ),
        column("on_frontier", pa.bool_(), "no setting has more of quality or diversity without less of the other"),
        column("recommended", pa.bool_(), "nearest to human text"),
        column("alike", pa.bool_(), "the recommended one's distance from human text is not told apart from its own"),
    ]
)
