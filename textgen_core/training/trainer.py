"""Puts a training together and runs it: model, data, optimizer, callbacks, from the last checkpoint on.

A checkpoint holds all that a step changes, and batch t is a pure function of the seed and t. So a training that was
killed, however often, ends with the curve of an undisturbed one: on a CPU, as measured, with the very same bits,
weights included, for RNN, CNN and Transformer, with one thread and with two, and for encoder-decoders with two. With
another number of threads than before, a Transformer still has the same bits; an RNN, whose step goes through XLA, the
same curve within float tolerance. The same may be expected of GPUs, where it was not measured.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from textgen_core.datasets.manifest import stage_directory
from textgen_core.datasets.stage import SCRATCH
from textgen_core.models.backend import placement, prepare_device, seeded
from textgen_core.models.directory import load_weights
from textgen_core.models.families import build_model
from textgen_core.models.interface import LanguageModel
from textgen_core.progress import Progress
from textgen_core.training.batches import Batches, Streams, Windows
from textgen_core.training.bits import BitsPerChar
from textgen_core.training.callbacks.checkpointing import Checkpointing
from textgen_core.training.callbacks.compilation import Compilation
from textgen_core.training.callbacks.evaluation import EarlyStopping, Evaluation
from textgen_core.training.callbacks.guard import NaNGuard
from textgen_core.training.callbacks.history import HistoryRecorder
from textgen_core.training.callbacks.reporting import ProgressReport, TensorBoardLog
from textgen_core.training.checkpoints import CHECKPOINTS, read_checkpoint
from textgen_core.training.evaluator import make_evaluator
from textgen_core.training.learner import Learner, dataset
from textgen_core.training.optimizer import make_optimizer
from textgen_core.training.pairs import PairPlaces
from textgen_core.training.pairs_by_length import PairsByLength
from textgen_core.training.run import Run
from textgen_core.training.schedule import KerasSchedule, WarmupCosine
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.tensorboard import EventLog


@dataclass(frozen=True)
class Data:
    """Token streams of both splits, and what a loss means in bits a character of each."""

    train: np.ndarray
    validation: np.ndarray
    vocab_size: int
    bits: Mapping[str, BitsPerChar]
    pairs: bool = False
    """Whether the streams are of pairs."""
    cut: int = 0
    """Pairs to train on whose ends are cut off, for they are longer than the window."""


def train_model(settings: TrainingSettings, data: Data, partial: Path, progress: Progress) -> tuple[LanguageModel, Run]:
    """Train from the last checkpoint in partial's scratch folder, or from the start, to the end.

    Returns:
        The model with its best weights, and the run.

    Raises:
        TrainingError: the loss or a weight is not finite any more.
    """
    kind = prepare_device(settings.device)
    strategy = placement(kind, settings.replicas)
    schedule = WarmupCosine(settings.learning_rate, settings.warmup, settings.steps, settings.final_rate)
    with strategy.scope(), seeded(settings.seed):
        learner = make_learner(settings, data, schedule, _policy(settings, kind))
    if settings.warm_start is not None:
        load_weights(learner.model, stage_directory(settings.warm_start))
    run, best = _resumed(learner, partial / SCRATCH / CHECKPOINTS)
    left = 0 if run.stopped else settings.steps - run.step
    if left > 0:
        batches = make_batches(settings, learner.model, data.train)
        source = dataset(batches, range(run.step, settings.steps))
        callbacks = _callbacks(settings, data, learner, run, best, schedule, batches.tokens, partial, progress)
        if isinstance(batches, PairsByLength):
            learner.targets = batches.targets
            callbacks.append(Compilation(dataset(batches, batches.examples)))
        learner.fit(source, steps_per_epoch=left, shuffle=False, verbose=0, callbacks=callbacks)
    for i, weight in enumerate(learner.model.weights if best else []):
        weight.assign(best[f"best/{i}"])
    return learner.model, run


def make_learner(settings: TrainingSettings, data: Data, schedule: WarmupCosine, policy: str) -> Learner:
    """Model, optimizer and compiled step, freshly initialised."""
    model = build_model(settings.model, data.vocab_size, policy)
    model.pairs = data.pairs
    optimizer = make_optimizer(settings, KerasSchedule(schedule), model.trainable_variables)
    learner = Learner(model, settings.batch_size // settings.replicas, settings.clip_norm, settings.accumulate)
    # XLA makes a step of a scan 1.1 to 1.3 times as fast on a CPU (benchmarks/training.py). Where all is matrix
    # products it takes a tenth off or adds one, by the processor, and some seconds to compile.
    learner.compile(optimizer, jit_compile=model.scans and settings.replicas == 1)
    return learner


def make_batches(settings: TrainingSettings, model: LanguageModel, stream: np.ndarray) -> Batches:
    """How the family wants its stream cut."""
    if model.reads_source:
        share = settings.replicas * settings.accumulate
        return PairsByLength(PairPlaces(stream), settings.batch_size, share, settings.window, settings.seed)
    kind = Streams if model.carries_state else Windows
    return kind(stream, settings.batch_size, settings.window, settings.seed)


def _policy(settings: TrainingSettings, kind: str) -> str:
    precision = settings.precision
    if precision == "auto":
        precision = "bfloat16" if kind == "gpu" else "float32"
    return "mixed_bfloat16" if precision == "bfloat16" else "float32"


def _resumed(learner: Learner, directory: Path) -> tuple[Run, dict[str, np.ndarray]]:
    found = read_checkpoint(directory)
    if found is None:
        return Run(), {}
    run, arrays = found
    learner.restore(arrays)
    return run, {name: array for name, array in arrays.items() if name.startswith("best/")}


def _callbacks(
    settings: TrainingSettings,
    data: Data,
    learner: Learner,
    run: Run,
    best: dict[str, np.ndarray],
    schedule: WarmupCosine,
    tokens: int,
    partial: Path,
    progress: Progress,
) -> list[keras.callbacks.Callback]:
    """In the order in which they must run: nothing broken is recorded, all that is recorded is saved."""
    steps = settings.steps
    recorder = HistoryRecorder(run, tokens, steps, schedule, data.bits)
    log = EventLog(partial / "tensorboard", time.time() - run.seconds)
    callbacks: list[keras.callbacks.Callback] = [NaNGuard(run), recorder]
    if len(data.validation) > 1:
        evaluate = make_evaluator(settings, learner.model, data.validation)
        callbacks += [
            Evaluation(run, evaluate, recorder, settings.evaluate_every, steps),
            EarlyStopping(run, learner.model, best, recorder, settings.patience),
        ]
    return [
        *callbacks,
        TensorBoardLog(run, log),
        Checkpointing(partial / SCRATCH / CHECKPOINTS, run, learner, best, recorder, settings.checkpoint_every),
        ProgressReport(run, steps, tokens, progress),
    ]
