"""What champion and challenger are asked: held-out documents, or of pairs made of them the targets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from textgen_core.datasets.manifest import stage_directory
from textgen_core.errors import InputError, SettingsError
from textgen_core.models.config import read_config
from textgen_core.progress import Progress, Update
from textgen_core.retraining.settings import ChallengeSettings
from textgen_core.tokenization.corpus import Corpus
from textgen_core.tokenization.pairs import Pair, check_columns, columns_of, pairs_of

BATCH = 64
"""Documents read between two updates of the progress: a second or so each."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """n held-out documents.

    Attributes:
        texts: of whole documents; empty where they were made into pairs.
        pairs: of each document, at least one; empty where documents are read whole.
    """

    ids: list[str]
    texts: list[str]
    pairs: list[list[Pair]]

    @property
    def lengths(self) -> list[int]:
        """Characters that are counted of each: of pairs the targets'."""
        return list(map(len, self.texts)) or [sum(len(pair.target) for pair in pairs) for pairs in self.pairs]


def held_out(settings: ChallengeSettings) -> HeldOut:
    """Those of the corpus that both models are asked.

    Raises:
        InputError: the split holds no text, or no pairs; or the documents lack the columns that pairs are made of.
    """
    corpus = Corpus(settings.corpus)
    columns = ["text"] if settings.pairs is None else columns_of(settings.pairs)
    if settings.pairs is not None:
        check_columns(settings.pairs, corpus.columns())
    found = HeldOut([], [], [])
    for _, batch in corpus.drawn_batches(settings.split, columns, settings.characters):
        ids = batch["doc_id"].to_pylist()
        if settings.pairs is None:
            found.ids.extend(ids)
            found.texts.extend(batch["text"].to_pylist())
            continue
        for id, pairs in zip(ids, pairs_of(settings.pairs, batch), strict=True):
            if pairs:
                found.ids.append(id)
                found.pairs.append(pairs)
    if not found.ids:
        what = "documents" if settings.pairs is None else "pairs"
        raise InputError(
            f"the {settings.split} split must hold {what} to compare models on",
            f"{settings.corpus} without any",
            "Hold out a share of the corpus in ingestion.split",
        )
    return found


def bits_of(directory: Path, asked: HeldOut, progress: Progress, done: int) -> list[float]:
    """[n] bits that one of two models needs for what is counted of each, spelling its unknown tokens included.

    Args:
        done: documents that the other model has read.

    Raises:
        SettingsError: the model did not learn from what it would be asked.
    """
    from textgen_core.evaluation.held_out_pairs import encoded_targets, target_logprobs
    from textgen_core.evaluation.reading import ModelReader
    from textgen_core.evaluation.scoring import token_logprobs
    from textgen_core.models.directory import load_model
    from textgen_core.tokenization.tokenizers import TOKENIZER, load_tokenizer

    home = stage_directory(directory)
    if read_config(home).pairs != bool(asked.pairs):
        raise SettingsError(
            "champion and challenger must have learned from the same, pairs or whole documents",
            str(directory),
            "Keep models of the one and of the other in registries of their own",
        )
    reader, tokenizer = ModelReader(load_model(home)), load_tokenizer(home / TOKENIZER)
    bits: list[float] = []
    for first in range(0, len(asked.ids), BATCH):
        if asked.pairs:
            documents = [encoded_targets(pairs, tokenizer) for pairs in asked.pairs[first : first + BATCH]]
            logprobs = target_logprobs(reader, documents)
            spelling = [document.spelling_bits for document in documents]
        else:
            texts = asked.texts[first : first + BATCH]
            logprobs = token_logprobs(reader, tokenizer.encode(texts))
            spelling = tokenizer.spelling_bits(texts)
        bits += [
            extra - float(found.sum(dtype="float64")) / math.log(2)
            for found, extra in zip(logprobs, spelling, strict=True)
        ]
        progress(Update("challenge", done + len(bits), 2 * len(asked.ids), "documents"))
    return bits
