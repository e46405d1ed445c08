"""The training stage: sequences -> a model directory."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textgen_core.datasets.inputs import digest_of
from textgen_core.datasets.manifest import Manifest, RunKey, read_manifest, stage_directory
from textgen_core.datasets.schemas import SCHEMA_VERSION
from textgen_core.datasets.stage import SCRATCH, run_stage
from textgen_core.errors import SettingsError, TrainingError
from textgen_core.models.config import MODEL_FILES, read_config
from textgen_core.models.settings import ModelSettings
from textgen_core.models.shapes import are_tied
from textgen_core.numerics import numerics
from textgen_core.progress import Progress, Update
from textgen_core.training.presets import PRESETS
from textgen_core.training.settings import TrainingSettings

if TYPE_CHECKING:
    import numpy as np

    from textgen_core.training.trainer import Data

CODE_VERSION = 15

log = logging.getLogger(__name__)


def training_key(settings: TrainingSettings) -> RunKey:
    """All that decides the model.

    Raises:
        DatasetError: tokens or warm_start is no finished directory of its kind.
        SettingsError: an encoder-decoder has no pairs.
    """
    tokens = stage_directory(settings.tokens)
    inputs = {"sequences": digest_of(tokens, "sequences", "tokenizer.json")}
    if settings.reads_source and "pairs" not in read_manifest(tokens).facts:
        raise SettingsError(
            "an encoder-decoder learns from pairs of a source and a target",
            f"{tokens}, whose documents are not made into pairs",
            "Make some (`textgen tokenize --pairs sentences`), or train another family",
        )
    if settings.warm_start is not None:
        inputs["warm_start"] = digest_of(stage_directory(settings.warm_start), *MODEL_FILES)
    return RunKey(
        stage="training",
        code_version=CODE_VERSION,
        schema_version=SCHEMA_VERSION,
        settings=settings.canonical(),
        inputs=inputs,
        numerics=numerics(settings.device),
    )


def train(settings: TrainingSettings, progress: Progress) -> Manifest:
    """Train a model. Killed at any moment, the same call goes on from the last checkpoint.

    Raises:
        DatasetError: an input is missing or damaged, or output holds another run.
        SettingsError: the device is not there, warm_start is another architecture, or an encoder-decoder has no pairs.
        TrainingError: there is nothing to learn from, or the loss is not finite any more.
    """
    key = training_key(settings)

    def body(partial: Path) -> Mapping[str, Any]:
        return _train(settings, key, partial, progress)

    return run_stage(key, settings.output, body)


def _train(settings: TrainingSettings, key: RunKey, partial: Path, progress: Progress) -> dict[str, Any]:
    from textgen_core.training.checkpoints import CHECKPOINTS, newest_step

    tokens = stage_directory(settings.tokens)
    facts = read_manifest(tokens).facts
    # TensorFlow takes seconds. What an earlier attempt has done is told at once: it is none of this one's pace.
    done = newest_step(partial / SCRATCH / CHECKPOINTS)
    progress(Update("starting", done, settings.steps, "steps"))
    if settings.warm_start is not None:
        _fits(settings, stage_directory(settings.warm_start), tokens)
    else:
        _doubt(settings)
    from textgen_core.training.counter import count_model
    from textgen_core.training.outputs import write_outputs
    from textgen_core.training.trainer import train_model

    data = _data(settings, facts, partial / SCRATCH)
    model, run = (count_model if settings.counted else train_model)(settings, data, partial, progress)
    return write_outputs(settings, key, model, run, data, tokens, partial)


def _fits(settings: TrainingSettings, warm: Path, tokens: Path) -> None:
    """Raise SettingsError unless the weights in warm mean the same in this training. Dropout may be another."""
    known = read_config(warm)
    if _shape(known.model, known.vocab_size) != _shape(settings.model, known.vocab_size):
        raise SettingsError(
            "a warm start needs the same architecture",
            f"{known.model!r} in {warm}, {settings.model!r} to train",
            "Leave its model settings out: they are taken from there; or start from scratch",
        )
    if (warm / "tokenizer.json").read_bytes() != (tokens / "tokenizer.json").read_bytes():
        raise SettingsError(
            "a warm start needs the same tokenizer",
            f"{warm / 'tokenizer.json'} and {tokens / 'tokenizer.json'} differ",
            "Tokenize with that model's tokenizer (`textgen tokenize --reuse MODEL`), or start from scratch",
        )


def _shape(model: ModelSettings, vocab_size: int) -> dict[str, Any]:
    """What the weights' names and sizes depend on."""
    told = {name: value for name, value in model.model_dump().items() if "dropout" not in name}
    return told | ({"tied": are_tied(told["tied"], vocab_size)} if "tied" in told else {})


def _data(settings: TrainingSettings, facts: Mapping[str, Any], scratch: Path) -> Data:
    from textgen_core.training.bits import bits_of_pairs, bits_per_char
    from textgen_core.training.tokens import token_stream
    from textgen_core.training.trainer import Data

    scratch.mkdir(exist_ok=True)
    tokens = stage_directory(settings.tokens)
    streams = {
        split: token_stream(tokens / "sequences", split, facts["vocab_size"], scratch)
        for split in ("train", "validation")
    }
    if len(streams["train"]) < 2:
        raise TrainingError("the train split must hold text", f"{tokens} without any", "Split the corpus differently")
    pairs = "pairs" in facts
    if pairs and not facts["pairs_validation"]:
        streams["validation"] = streams["validation"][:0]
    if len(streams["validation"]) < 2:
        log.warning("No validation split in %s: the last weights are kept, not the best", tokens)
    cut = _cut(streams["train"], settings.window) if settings.reads_source else 0
    sizes = {split: len(stream) for split, stream in streams.items()}
    targets_only = ("train", "validation") if settings.reads_source else ("validation",)
    bits = bits_of_pairs(facts, sizes, targets_only) if pairs else bits_per_char(facts, sizes)
    return Data(streams["train"], streams["validation"], facts["vocab_size"], bits, pairs, cut)


def _doubt(settings: TrainingSettings) -> None:
    """Warn of what a training from random weights was probably not meant to do."""
    context = getattr(settings.model, "context", 0)
    sides = 2 if settings.reads_source else 1  # which the context has to hold
    usual = PRESETS[settings.preset][settings.model.family]
    by_preset = (settings.window, context) == (usual["window"], usual.get("model", {}).get("context"))
    if sides * settings.window < context and not by_preset:  # tiny has no time for more
        log.warning(
            "window (%s%d) is shorter than the model's context (%d): what lies beyond it is never learned",
            "" if sides == 1 else f"{sides} x ",
            settings.window,
            context,
        )
    if settings.preset == "finetune" and not settings.counted:
        log.warning("preset finetune takes small steps from a trained model's weights, and no warm_start names one")


def _cut(stream: np.ndarray, window: int) -> int:
    """How many pairs of a stream lose their ends."""
    from textgen_core.training.pairs import PairPlaces

    places = PairPlaces(stream)
    cut, total = places.cut(places.widths(window)), len(places.separators)
    if cut:
        log.warning("%d of %d pairs have a side longer than window (%d): its end is left out", cut, total, window)
    return cut
