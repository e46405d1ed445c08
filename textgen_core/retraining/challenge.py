"""Champion and challenger read the same held-out documents: a stage of its own, so that a kill costs nothing twice.

What follows from it is decided in promotion.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from textgen_core.datasets.manifest import Manifest, RunKey, read_manifest, stage_directory
from textgen_core.datasets.parts import PartWriter
from textgen_core.datasets.schemas import CHALLENGE, SCHEMA_VERSION
from textgen_core.datasets.stage import run_stage
from textgen_core.errors import InputError
from textgen_core.models.config import MODEL_FILES
from textgen_core.numerics import numerics
from textgen_core.progress import Progress, Update
from textgen_core.retraining.settings import ChallengeSettings

CODE_VERSION = 1
BATCH = 64
"""Documents scored between two updates of the progress: a second or so each."""
RESAMPLES = 1000


def challenge_key(settings: ChallengeSettings) -> RunKey:
    """All that decides the comparison.

    Raises:
        DatasetError: a model or the corpus is no finished directory.
    """
    models = {name: stage_directory(getattr(settings, name)) for name in ("champion", "challenger")}
    inputs = {name: read_manifest(directory).digest(*MODEL_FILES) for name, directory in models.items()}
    return RunKey(
        stage="challenge",
        code_version=CODE_VERSION,
        schema_version=SCHEMA_VERSION,
        settings=settings.canonical(),
        inputs={**inputs, "documents": read_manifest(stage_directory(settings.corpus)).digest("documents")},
        numerics=numerics(settings.device),
    )


def challenge(settings: ChallengeSettings, progress: Progress) -> Manifest:
    """Score the held-out documents with both models.

    Raises:
        InputError: the split holds no text.
        DatasetError: an input is missing or damaged, or output holds another comparison.
    """

    def body(partial: Path) -> Mapping[str, Any]:
        return _challenge(settings, partial, progress)

    return run_stage(challenge_key(settings), settings.output, body)


def _challenge(settings: ChallengeSettings, partial: Path, progress: Progress) -> dict[str, Any]:
    from textgen_core.models.backend import on_device, prepare_device
    from textgen_core.tokenization.corpus import Corpus

    ids: list[str] = []
    texts: list[str] = []
    for _, new_ids, new_texts in Corpus(settings.corpus).drawn(settings.split, settings.characters):
        ids += new_ids
        texts += new_texts
    if not texts:
        raise InputError(
            f"the {settings.split} split must hold documents to compare models on",
            f"{settings.corpus} without any",
            "Hold out a share of the corpus in ingestion.split",
        )
    bits = {}
    with on_device(prepare_device(settings.device)):
        for number, name in enumerate(("champion", "challenger")):
            bits[name] = _bits(getattr(settings, name), texts, progress, number * len(texts))
    lengths = [len(text) for text in texts]
    table = pa.table([ids, lengths, bits["champion"], bits["challenger"]], schema=CHALLENGE)
    with PartWriter(partial / "scores" / "part-00000.parquet", CHALLENGE) as part:
        part.write(table)
    return verdict(lengths, bits["champion"], bits["challenger"])


def _bits(directory: Path, texts: list[str], progress: Progress, done: int) -> list[float]:
    """Bits that one of two models needs for each text, spelling its unknown tokens included."""
    from textgen_core.evaluation.scoring import score_texts
    from textgen_core.models.directory import load_model
    from textgen_core.tokenization.tokenizers import TOKENIZER, load_tokenizer

    home = stage_directory(directory)
    model, tokenizer = load_model(home), load_tokenizer(home / TOKENIZER)
    bits: list[float] = []
    for first in range(0, len(texts), BATCH):
        batch = texts[first : first + BATCH]
        scores = score_texts(model, tokenizer, batch)
        spelling = tokenizer.spelling_bits(batch)
        bits += [extra - score.logprob / math.log(2) for score, extra in zip(scores, spelling, strict=True)]
        progress(Update("challenge", done + len(bits), 2 * len(texts), "documents"))
    return bits


def verdict(lengths: list[int], champion: list[float], challenger: list[float]) -> dict[str, Any]:
    """Bits per character of both over all documents, and how sure the difference is.

    gain_low and gain_high hold 95% of the paired bootstrap (Efron 1979) over documents; a single one has no interval.
    """
    import numpy as np

    chars, old, new = (np.asarray(values, np.float64) for values in (lengths, champion, challenger))
    interval = {}
    if len(chars) > 1:
        drawn = np.random.default_rng(0).multinomial(len(chars), np.full(len(chars), 1 / len(chars)), RESAMPLES)
        low, high = np.quantile(drawn @ (old - new) / np.maximum(drawn @ chars, 1), [0.025, 0.975])
        interval = {"gain_low": round(float(low), 6), "gain_high": round(float(high), 6)}
    return {
        "champion_bits_per_char": round(float(old.sum() / chars.sum()), 6),
        "challenger_bits_per_char": round(float(new.sum() / chars.sum()), 6),
        "gain": round(float((old - new).sum() / chars.sum()), 6),
        **interval,
        "documents": len(chars),
        "characters": int(chars.sum()),
    }
