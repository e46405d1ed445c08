"""Documents to sequences: one part for one part, in the same order, each finished part kept over a restart."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from textgen_core.datasets.columns import extended
from textgen_core.datasets.parts import PartWriter
from textgen_core.datasets.schemas import DOCUMENTS, SEQUENCES
from textgen_core.datasets.stage import SCRATCH, write_file
from textgen_core.progress import Advance
from textgen_core.tokenization.corpus import Corpus
from textgen_core.tokenization.interface import Flat, Tokenizer

SPLITS = ("train", "validation", "test")


def write_sequences(corpus: Corpus, tokenizer: Tokenizer, partial: Path, advance: Advance) -> Counter[str]:
    """Tokenize every document into partial/sequences; advance is told of documents.

    Returns:
        ``documents``, ``chars``, ``tokens``, ``unknown`` and the ``spelling_bits`` that these cost, each of each split:
        ``tokens_train``.
    """
    counts: Counter[str] = Counter()
    (partial / SCRATCH).mkdir(exist_ok=True)
    for source in corpus.parts:
        target = partial / "sequences" / source.name
        tally = partial / SCRATCH / f"{source.stem}.json"
        if not (target.exists() and tally.exists()):
            write_file(tally, json.dumps(_write_part(corpus, tokenizer, source, target, advance)).encode())
        else:
            advance(pq.read_metadata(target).num_rows)
        counts.update(json.loads(tally.read_bytes()))
    return counts


def _write_part(corpus: Corpus, tokenizer: Tokenizer, source: Path, target: Path, advance: Advance) -> Counter[str]:
    counts: Counter[str] = Counter()
    own = [field for field in pq.read_schema(source) if field.name not in DOCUMENTS.names]
    schema = extended(SEQUENCES, pa.schema(own), "the documents")
    columns = ["doc_id", "split", "text", "n_chars", *(field.name for field in own)]
    with PartWriter(target, schema) as part:
        for batch in corpus.batches(source, columns):
            texts = batch["text"].to_pylist()
            tokens = tokenizer.encode_flat(texts)
            part.write(_rows(batch, tokens, schema))
            counts.update(_tally(batch, texts, tokens, tokenizer))
            advance(batch.num_rows)
    return counts


def _rows(batch: pa.RecordBatch, tokens: Flat, schema: pa.Schema) -> pa.Table:
    offsets = _starts(tokens.lengths).astype(np.int32)
    made = {
        "token_ids": pa.ListArray.from_arrays(pa.array(offsets), pa.array(tokens.ids)),
        "n_tokens": pa.array(tokens.lengths.astype(np.int32)),
    }
    columns = [made[name] if name in made else batch[name] for name in schema.names]
    return pa.Table.from_arrays(columns, names=schema.names)


def _tally(batch: pa.RecordBatch, texts: list[str], tokens: Flat, tokenizer: Tokenizer) -> Counter[str]:
    unknown = np.diff(np.concatenate([[0], (tokens.ids == tokenizer.unknown_id).cumsum()])[_starts(tokens.lengths)])
    spelling = np.zeros(len(texts))
    spelt = np.flatnonzero(unknown)
    spelling[spelt] = tokenizer.spelling_bits([texts[row] for row in spelt])
    figures = {
        "chars": batch["n_chars"].to_numpy(),
        "tokens": tokens.lengths,
        "unknown": unknown,
        "spelling_bits": spelling,
    }
    counts: Counter[str] = Counter()
    for split in SPLITS:
        chosen = pc.equal(batch["split"], split).to_numpy(zero_copy_only=False)
        counts[f"documents_{split}"] = int(chosen.sum())
        counts.update({f"{name}_{split}": round(values[chosen].sum()) for name, values in figures.items()})
    return counts


def _starts(lengths: np.ndarray) -> np.ndarray:
    """[n + 1] where each text's tokens begin in the flat array, and where the last ends."""
    return np.concatenate([[0], lengths.cumsum()])
