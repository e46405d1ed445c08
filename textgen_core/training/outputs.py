"""What a finished training leaves: the model, its tokenizer, its history, and what is known about it."""

from __future__ import annotations

import bisect
import itertools
import json
import math
from pathlib import Path
from typing import Any

import pyarrow as pa

from textgen_core.datasets.manifest import RunKey, read_manifest
from textgen_core.datasets.parts import PartWriter
from textgen_core.datasets.schemas import HISTORY
from textgen_core.datasets.stage import write_file
from textgen_core.models.backend import prepare_device
from textgen_core.models.directory import save_model
from textgen_core.models.families import count_parameters
from textgen_core.models.interface import LanguageModel
from textgen_core.tokenization.tokenizers import load_tokenizer
from textgen_core.training.attention import write_attention
from textgen_core.training.card import Story, model_card
from textgen_core.training.run import Run
from textgen_core.training.samples import prompts_of, samples_of
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.trainer import Data


def write_outputs(
    settings: TrainingSettings, key: RunKey, model: LanguageModel, run: Run, data: Data, tokens: Path, partial: Path
) -> dict[str, Any]:
    """Write the model directory; return the facts of its manifest."""
    facts = figures(settings, model, run) | ({"pairs_cut": data.cut} if settings.reads_source else {})
    save_model(model, settings.model, partial)
    write_file(partial / "tokenizer.json", (tokens / "tokenizer.json").read_bytes())
    fingerprint = {"figures": facts, "inputs": key.inputs, "numerics": key.numerics, "settings": key.settings}
    write_file(partial / "fingerprint.json", json.dumps(fingerprint, indent=1, sort_keys=True).encode())
    with PartWriter(partial / "history" / "part-00000.parquet", HISTORY) as part:
        part.write(pa.Table.from_pylist(run.history, schema=HISTORY))
    write_attention(model, load_tokenizer(partial), data, partial / "attention.json")
    prompts = prompts_of(data, settings.samples, model.max_context)
    samples = samples_of(partial, prompts, prepare_device(settings.device))
    story = Story(settings, key, facts, read_manifest(tokens).facts, run.history, samples)
    write_file(partial / "README.md", model_card(story).encode())
    return facts


def figures(settings: TrainingSettings, model: LanguageModel, run: Run) -> dict[str, Any]:
    """The headline figures of a training."""
    seen = run.history[-1]["tokens_seen"]
    best = next((row for row in run.history if row["split"] == "validation" and row["step"] == run.best_step), None)
    return {
        "family": settings.model.family,
        "parameters": count_parameters(model),
        "steps": run.step,
        "best_step": run.best_step if best else run.step,
        "stopped_early": run.stopped,
        "tokens_seen": seen,
        "train_loss": round(last_train_loss(run, settings.closing_steps), 4),
        "validation_loss": round(best["loss"], 4) if best else None,
        "bits_per_char": round(best["bits_per_char"], 4) if best and best["bits_per_char"] is not None else None,
        "tokens_per_second": round(run.steps_per_second * seen / run.step),
        "training_seconds": round(run.seconds, 1),
    }


def last_train_loss(run: Run, steps: int) -> float:
    """The mean loss over the last so many steps: a single batch says little.

    A row of history that begins before them is left out, but for the last one.
    """
    rows = [row for row in run.history if row["split"] == "train"]
    begins: list[int] = [0, *(row["step"] for row in rows)]
    first = min(bisect.bisect_left(begins, run.step - steps), len(rows) - 1)
    lengths = [end - begin for begin, end in itertools.pairwise(begins)][first:]
    total = math.fsum(row["loss"] * length for row, length in zip(rows[first:], lengths, strict=True))
    return total / sum(lengths)
