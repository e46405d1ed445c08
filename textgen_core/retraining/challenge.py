"""Champion and challenger read the same held-out documents: a stage of its own, so that a kill costs nothing twice.

What follows from it is decided in promotion.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from textgen_core.datasets.inputs import digest_of
from textgen_core.datasets.manifest import Manifest, RunKey, stage_directory
from textgen_core.datasets.parts import PartWriter
from textgen_core.datasets.schemas import CHALLENGE, SCHEMA_VERSION
from textgen_core.datasets.stage import run_stage
from textgen_core.models.config import MODEL_FILES
from textgen_core.numerics import numerics, wording
from textgen_core.progress import Progress
from textgen_core.retraining.held_out import bits_of, held_out
from textgen_core.retraining.settings import ChallengeSettings

CODE_VERSION = 2
RESAMPLES = 1000


def challenge_key(settings: ChallengeSettings) -> RunKey:
    """All that decides the comparison.

    Raises:
        DatasetError: a model or the corpus is no finished directory.
    """
    models = {name: stage_directory(getattr(settings, name)) for name in ("champion", "challenger")}
    inputs = {name: digest_of(directory, *MODEL_FILES) for name, directory in models.items()}
    return RunKey(
        stage="challenge",
        code_version=CODE_VERSION,
        schema_version=SCHEMA_VERSION,
        settings=settings.canonical(),
        inputs={**inputs, "documents": digest_of(stage_directory(settings.corpus), "documents")},
        numerics=numerics(settings.device) | wording(),
    )


def challenge(settings: ChallengeSettings, progress: Progress) -> Manifest:
    """Score the held-out documents with both models.

    Raises:
        InputError: the split holds no text, or no pairs.
        SettingsError: one of the models learned from pairs and the other from whole documents.
        DatasetError: an input is missing or damaged, or output holds another comparison.
    """

    def body(partial: Path) -> Mapping[str, Any]:
        return _challenge(settings, partial, progress)

    return run_stage(challenge_key(settings), settings.output, body)


def _challenge(settings: ChallengeSettings, partial: Path, progress: Progress) -> dict[str, Any]:
    from textgen_core.models.backend import on_device, prepare_device

    asked = held_out(settings)
    lengths, bits = asked.lengths, {}
    with on_device(prepare_device(settings.device)):
        for number, name in enumerate(("champion", "challenger")):
            bits[name] = bits_of(getattr(settings, name), asked, progress, number * len(lengths))
    table = pa.table([asked.ids, lengths, bits["champion"], bits["challenger"]], schema=CHALLENGE)
    with PartWriter(partial / "scores" / "part-00000.parquet", CHALLENGE) as part:
        part.write(table)
    return verdict(lengths, bits["champion"], bits["challenger"])


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
