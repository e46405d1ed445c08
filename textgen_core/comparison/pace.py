"""How many steps a second a training makes here, as a stage.

Measured once and kept, so that the steps which a time allows are the same whenever a comparison goes on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textgen_core.comparison.stage_settings import PaceSettings
from textgen_core.datasets.inputs import digest_of
from textgen_core.datasets.manifest import Manifest, RunKey, stage_directory
from textgen_core.datasets.schemas import SCHEMA_VERSION
from textgen_core.datasets.stage import SCRATCH, run_stage
from textgen_core.numerics import numerics
from textgen_core.progress import Progress
from textgen_core.training.settings import TrainingSettings

CODE_VERSION = 5
FEWEST, MOST = 24, 1000
"""Steps of a trial."""
NEVER = 86_400.0
"""Seconds between its checkpoints: it is over long before."""


def pace_key(settings: PaceSettings) -> RunKey:
    """What is measured, on which kind of machine. Equal keys don't promise equal figures: it is a clock that is read.

    Raises:
        DatasetError: tokens is no finished directory.
    """
    return RunKey(
        stage="pace",
        code_version=CODE_VERSION,
        schema_version=SCHEMA_VERSION,
        settings=settings.canonical(),
        inputs={"sequences": digest_of(stage_directory(settings.tokens), "sequences", "tokenizer.json")},
        numerics=numerics(settings.training.device),
    )


def measure_pace(settings: PaceSettings, progress: Progress) -> Manifest:
    """Train for some seconds, and note the pace.

    Raises:
        TrainingError: there is nothing to learn from.
        SettingsError: the training is impossible.
    """
    return run_stage(pace_key(settings), settings.output, lambda partial: _measure(settings, partial, progress))


def _measure(settings: PaceSettings, partial: Path, progress: Progress) -> Mapping[str, Any]:
    """A few steps; where they are over in no time, as many as take a while."""
    pace = _trial(settings, FEWEST, partial, progress)
    if FEWEST / pace < settings.seconds:
        pace = _trial(settings, min(MOST, math.ceil(2 * settings.seconds * pace)), partial, progress)
    return {"steps_per_second": float(f"{pace:.4g}")}


def _trial(settings: PaceSettings, steps: int, partial: Path, progress: Progress) -> float:
    """Steps a second of a training of so many steps, which is thrown away."""
    from textgen_core.training.stage import train

    fields = settings.training.fields() | {
        "steps": steps,
        "warmup": steps,  # a rate that is borne after a warmup alone must not fail here
        "evaluate_every": steps,
        "evaluate_tokens": 1,
        "samples": 0,
        "checkpoint_every": NEVER,
        "tokens": settings.tokens,
    }
    facts = train(TrainingSettings(**fields, output=partial / SCRATCH / f"{steps}-steps"), progress).facts
    return float(facts["tokens_per_second"] * facts["steps"] / facts["tokens_seen"])


def steps_within(seconds: float, pace: Manifest) -> int:
    """Steps that a training of this pace makes in so many seconds."""
    return max(1, round(seconds * float(pace.facts["steps_per_second"])))
