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

from textgen_core.datasets.manifest import read_manifest, stage_directory
from textgen_core.datasets.parts import read_batches
from textgen_core.errors import DatasetError, InputError
from textgen_core.evaluation.blocks import FEWEST_DOCUMENTS, Counts, Document, by_block, by_document
from textgen_core.evaluation.bootstrap import ratio_intervals, units
from textgen_core.evaluation.held_out_pairs import of_targets, target_logprobs, tokens_of_pairs
from textgen_core.evaluation.reading import Reader
from textgen_core.evaluation.rows import bootstrap_signature, metric_row
from textgen_core.evaluation.scoring import token_logprobs
from textgen_core.evaluation.settings import EvaluationSettings
from textgen_core.figures import saturated
from textgen_core.progress import Advance
from textgen_core.tokenization.interface import SEPARATOR, Tokenizer
from textgen_core.tokenization.pairs import Pair, columns_of, pairs_of
from textgen_core.tokenization.settings import TokenizationOptions
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
    are those of the documents as ingested. So levels (char, word, subword) compare on equal terms. Of pairs all of that
    is the targets' alone.
    """
    ids, documents = zip(*sorted(held_out.items()), strict=True)
    if pairs := any(document.pairs for document in documents):
        logprobs = target_logprobs(reader, documents, advance)
    else:
        logprobs = token_logprobs(reader, [document.token_ids for document in documents], advance=advance)
    if len(documents) < FEWEST_DOCUMENTS:
        counts = by_block(documents, logprobs, tokenizer)
    else:
        counts = by_document(documents, logprobs, units(ids))
    return _rows(settings, counts, len(documents), "source" if pairs else "full")


def tokens_to_read(held_out: Mapping[str, Document], reader: Reader) -> int:
    """Tokens that ``held_out_rows`` tells of, for a share of them to be shown."""
    whole = sum(len(document.token_ids) + 1 for document in held_out.values() if not document.pairs)
    return whole + tokens_of_pairs(reader, list(held_out.values()))


def _rows(settings: EvaluationSettings, counts: Counts, documents: int, context: str) -> list[dict[str, Any]]:
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
        # Where there are few spaces a thousand bits a word are easily reached.
        value = saturated(shown, math.fsum(above[:, place]) / size) if size else None
        low, high = (saturated(shown, float(end[place])) for end in intervals)
        signature = (
            f"split:{settings.held_out}|tokens:{settings.held_out_tokens or 'all'}|{what}|context:{context}|end:counted"
            f"|unknown:spelt|{bootstrap_signature(settings.bootstrap, counts.name)}|version:2"
        )
        rows.append(metric_row({}, name, value, low, high, documents, signature))
    return rows


def read_held_out(
    settings: EvaluationSettings, tokenizer: Tokenizer, advance: Advance = lambda documents: None
) -> dict[str, Document]:
    """The documents to score, by id; of a tokenization into pairs their targets, and only those that have some.

    Raises:
        InputError: the held-out split is empty, or has no pair.
        DatasetError: the tokens hold other pairs than are made of the documents now.
    """
    home = stage_directory(settings.tokens)
    tokens = _drawn(home / "sequences", settings.held_out, settings.held_out_tokens, advance)
    made = TokenizationOptions(pairs=read_manifest(home).key.settings.get("pairs")).pairs
    wanted = pa.array(list(tokens), pa.string())
    documents: dict[str, Document] = {}
    columns = ["doc_id", "n_chars", "n_words", *(["text"] if made is None else columns_of(made))]
    for batch in read_batches(stage_directory(settings.corpus) / "documents", columns, batch_rows=1000):
        chosen = batch.filter(pc.is_in(batch["doc_id"], wanted))
        if made is None:
            documents |= _whole(chosen, tokens, tokenizer)
        else:
            found = zip(chosen["doc_id"].to_pylist(), pairs_of(made, chosen), strict=True)
            paired = [(id, pairs) for id, pairs in found if pairs or SEPARATOR in tokens[id]]
            documents |= {id: _targets(home, id, tokens[id], pairs, tokenizer) for id, pairs in paired}
        advance(batch.num_rows)
    if not documents:
        raise InputError(
            f"the {settings.held_out} split must hold pairs", f"{home} without any", "Name another split in held_out"
        )
    return documents


def _targets(home: Path, id: str, token_ids: list[int], pairs: list[Pair], tokenizer: Tokenizer) -> Document:
    document = of_targets(token_ids, pairs, tokenizer)
    if len(document.pairs) != len(pairs):
        raise DatasetError(
            "tokens must hold the pairs that are made of the documents now",
            f"{home} with {len(document.pairs):,} instead of {len(pairs):,} of {id}",
            "Tokenize the corpus again, and train on that: an earlier version made other pairs",
        )
    return document


def _whole(batch: pa.RecordBatch, tokens: Mapping[str, list[int]], tokenizer: Tokenizer) -> dict[str, Document]:
    rows = batch.to_pylist()
    bits = tokenizer.spelling_bits([row["text"] for row in rows])
    return {
        row["doc_id"]: Document(tokens[row["doc_id"]], row["n_chars"], row["n_words"], spelling)
        for row, spelling in zip(rows, bits, strict=True)
    }


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
