"""What the model says of text it wasn't trained on: perplexity, and bits per original character."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textgen_core.datasets.manifest import stage_directory
from textgen_core.datasets.parts import read_batches
from textgen_core.errors import InputError
from textgen_core.evaluation.blocks import FEWEST_DOCUMENTS, Counts, Document, by_block, by_document
from textgen_core.evaluation.bootstrap import ratio_intervals, units
from textgen_core.evaluation.reading import Reader
from textgen_core.evaluation.rows import bootstrap_signature, metric_row
from textgen_core.evaluation.scoring import token_logprobs
from textgen_core.evaluation.settings import EvaluationSettings
from textgen_core.progress import Advance
from textgen_core.tokenization.interface import Tokenizer
from textgen_core.tokenization.spelling import text_bits


def held_out_rows(
    settings: EvaluationSettings,
    held_out: Mapping[str, Document],
    reader: Reader,
    tokenizer: Tokenizer,
    advance: Advance = lambda tokens: None,
) -> list[dict[str, Any]]:
    """The model's rows of ``metrics``, in the empty group.

    Bits are those of all tokens and of the END of each document, plus what spelling the unknowns costs; characters
    are those of the documents as ingested. So levels (char, word, subword) compare on equal terms.
    """
    ids, documents = zip(*sorted(held_out.items()), strict=True)
    logprobs = token_logprobs(reader, [document.token_ids for document in documents], advance=advance)
    if len(documents) < FEWEST_DOCUMENTS:
        counts = by_block(documents, logprobs, tokenizer)
    else:
        counts = by_document(documents, logprobs, units(ids))
    return _rows(settings, counts, len(documents))


def _rows(settings: EvaluationSettings, counts: Counts, documents: int) -> list[dict[str, Any]]:
    bits = text_bits(counts.nats, counts.spelling)
    columns: dict[str, tuple[Any, ...]] = {
        "perplexity": (counts.nats, counts.tokens, math.exp, "unit:token"),
        "perplexity_word": (bits, counts.words, math.exp2, "unit:white-space-word"),
        "bits_per_char": (bits, counts.chars, float, "unit:character"),
    }
    above, below = (np.stack([column[side] for column in columns.values()], axis=1) for side in (0, 1))
    intervals = ratio_intervals(above, below, counts.unit, settings.bootstrap)
    rows = []
    for place, (name, (_, _, shown, what)) in enumerate(columns.items()):
        size = math.fsum(below[:, place])
        value = shown(math.fsum(above[:, place]) / size) if size else None
        low, high = (shown(float(end[place])) for end in intervals)
        signature = (
            f"split:{settings.held_out}|tokens:{settings.held_out_tokens or 'all'}|{what}|context:full|end:counted"
            f"|unknown:spelt|{bootstrap_signature(settings.bootstrap, counts.name)}|version:2"
        )
        rows.append(metric_row({}, name, value, low, high, documents, signature))
    return rows


def read_held_out(
    settings: EvaluationSettings, tokenizer: Tokenizer, advance: Advance = lambda documents: None
) -> dict[str, Document]:
    """The documents to score, by id.

    Raises:
        InputError: the held-out split is empty.
    """
    sequences = stage_directory(settings.tokens) / "sequences"
    tokens = _drawn(sequences, settings.held_out, settings.held_out_tokens, advance)
    wanted = pa.array(list(tokens), pa.string())
    documents: dict[str, Document] = {}
    columns = ["doc_id", "text", "n_chars", "n_words"]
    for batch in read_batches(stage_directory(settings.corpus) / "documents", columns, batch_rows=1000):
        rows = batch.filter(pc.is_in(batch["doc_id"], wanted)).to_pylist()
        bits = tokenizer.spelling_bits([row["text"] for row in rows])
        for row, spelling in zip(rows, bits, strict=True):
            documents[row["doc_id"]] = Document(tokens[row["doc_id"]], row["n_chars"], row["n_words"], spelling)
        advance(batch.num_rows)
    return documents


def _drawn(sequences: Path, split: str, limit: int | None, advance: Advance) -> dict[str, list[int]]:
    """Token ids by document, of the whole split or of about limit tokens: the documents whose ids hash lowest."""
    sizes: dict[str, int] = {}
    for batch in read_batches(sequences, ["doc_id", "split", "n_tokens"]):
        chosen = batch.filter(pc.equal(batch["split"], split))
        sizes.update(zip(chosen["doc_id"].to_pylist(), chosen["n_tokens"].to_pylist(), strict=True))
    if not sizes:
        raise InputError(
            f"the {split} split must hold documents",
            f"{sequences} without any",
            "Give it a share when ingesting, or name another split in held_out",
        )
    kept: set[str] = set()
    taken = 0
    for id in sorted(sizes, key=lambda id: (zlib.crc32(id.encode()), id)):
        if limit is not None and kept and taken + sizes[id] > limit:
            break
        kept.add(id)
        taken += sizes[id] + 1
    wanted = pa.array(list(kept), pa.string())
    tokens: dict[str, list[int]] = {}
    for batch in read_batches(sequences, ["doc_id", "token_ids"], batch_rows=1000):
        rows = batch.filter(pc.is_in(batch["doc_id"], wanted)).to_pylist()
        tokens.update({row["doc_id"]: row["token_ids"] for row in rows})
        advance(0)
    return tokens
