"""Documents to sequences: one part for one part, in the same order, each finished part kept over a restart."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

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
from textgen_core.tokenization.encoding import Encoded, encode_documents, encode_pairs, starts
from textgen_core.tokenization.interface import Flat, Tokenizer
from textgen_core.tokenization.settings import PairSettings

SPLITS = ("train", "validation", "test")


def in_a_pass(facts: Mapping[str, Any]) -> int:
    """Tokens that a training has seen once it has seen all text, by a tokenization's facts.

    Also those that close documents, or part and close pairs.
    """
    tokens, documents, pairs, unpaired = (
        int(facts.get(f"{name}_train", 0)) for name in ("tokens", "documents", "pairs", "unpaired")
    )
    return tokens + (2 * pairs + unpaired if "pairs" in facts else documents)


def write_sequences(
    corpus: Corpus, tokenizer: Tokenizer, partial: Path, advance: Advance, pairs: PairSettings | None = None
) -> Counter[str]:
    """Tokenize every document, or the pairs made of it, into partial/sequences; advance is told of documents.

    Returns:
        ``documents`` and all figures of an Encoded, each of each split: ``tokens_train``.
    """
    counts: Counter[str] = Counter()

    def encode(batch: pa.RecordBatch) -> Encoded:
        return encode_documents(batch, tokenizer) if pairs is None else encode_pairs(pairs, batch, tokenizer)

    (partial / SCRATCH).mkdir(exist_ok=True)
    for source in corpus.parts:
        target = partial / "sequences" / source.name
        tally = partial / SCRATCH / f"{source.stem}.json"
        if not (target.exists() and tally.exists()):
            write_file(tally, json.dumps(_write_part(corpus, encode, source, target, advance)).encode())
        else:
            advance(pq.read_metadata(target).num_rows)
        counts.update(json.loads(tally.read_bytes()))
    return counts


def _write_part(
    corpus: Corpus, encode: Callable[[pa.RecordBatch], Encoded], source: Path, target: Path, advance: Advance
) -> Counter[str]:
    counts: Counter[str] = Counter()
    own = [field for field in pq.read_schema(source) if field.name not in DOCUMENTS.names]
    schema = extended(SEQUENCES, pa.schema(own), "the documents")
    columns = ["doc_id", "split", "text", "n_chars", *(field.name for field in own)]
    with PartWriter(target, schema) as part:
        for batch in corpus.batches(source, columns):
            tokens, figures = encode(batch)
            part.write(_rows(batch, tokens, schema))
            counts.update(_tally(batch, figures))
            advance(batch.num_rows)
    return counts


def _rows(batch: pa.RecordBatch, tokens: Flat, schema: pa.Schema) -> pa.Table:
    offsets = starts(tokens.lengths).astype(np.int32)
    made = {
        "token_ids": pa.ListArray.from_arrays(pa.array(offsets), pa.array(tokens.ids)),
        "n_tokens": pa.array(tokens.lengths.astype(np.int32)),
    }
    columns = [made[name] if name in made else batch[name] for name in schema.names]
    return pa.Table.from_arrays(columns, names=schema.names)


def _tally(batch: pa.RecordBatch, figures: Mapping[str, np.ndarray]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for split in SPLITS:
        chosen = pc.equal(batch["split"], split).to_numpy(zero_copy_only=False)
        counts[f"documents_{split}"] = int(chosen.sum())
        counts.update({f"{name}_{split}": round(values[chosen].sum()) for name, values in figures.items()})
    return counts
