"""Makes an n-gram model: counted in one pass where others are trained. The counterpart of ``trainer.train_model``.

Nothing is kept on the way: counting is quick and always gives the same tables, so a killed one begins anew.
"""

from __future__ import annotations

import time
from pathlib import Path

from textgen_core.models.backend import placement, prepare_device
from textgen_core.models.directory import put_weights
from textgen_core.models.families import build_model, count_parameters
from textgen_core.models.interface import LanguageModel
from textgen_core.models.settings import NgramSettings
from textgen_core.progress import Counter, Progress, Update
from textgen_core.training.callbacks.history import HistoryRecorder
from textgen_core.training.evaluator import make_evaluator
from textgen_core.training.ngrams.kneser_ney import counted_nats, smoothed
from textgen_core.training.ngrams.levels import count_levels
from textgen_core.training.ngrams.tables import tables_of
from textgen_core.training.run import Run
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.tensorboard import EventLog
from textgen_core.training.trainer import Data


def count_model(settings: TrainingSettings, data: Data, partial: Path, progress: Progress) -> tuple[LanguageModel, Run]:
    """Count the training stream, once; measure the validation loss as that of others is.

    Returns:
        The model, and a run of one step.
    """
    strategy = placement(prepare_device(settings.device))
    run = Run(step=1, best_step=1, stepped=1)
    recorder = HistoryRecorder(run, len(data.train), 1, lambda step: 0.0, data.bits)
    recorder.on_train_begin()
    with strategy.scope():
        model, loss = _counted(settings, data, progress)
    recorder.add("train", loss)
    run.stepping = run.seconds
    if len(data.validation) > 1:
        recorder.add("validation", make_evaluator(settings, model, data.validation)())
    log = EventLog(partial / "tensorboard", time.time() - run.seconds)
    for row in run.history:
        log.add(row)
    log.close()
    progress(Update("training", 1, 1, "steps", {"n-grams": count_parameters(model)}))
    return model, run


def _counted(settings: TrainingSettings, data: Data, progress: Progress) -> tuple[LanguageModel, float]:
    """The model, and its loss on all that was counted."""
    assert isinstance(settings.model, NgramSettings), "no other family is counted"
    order = settings.model.order
    advance = Counter(progress, "counting", order, "lengths of contexts")
    levels = count_levels(data.train, data.vocab_size, order, lambda: advance(1))
    figures = smoothed(levels, data.vocab_size)
    model = build_model(settings.model, data.vocab_size)
    model.pairs = data.pairs
    put_weights(model, tables_of(levels, figures, data.vocab_size))
    return model, counted_nats(levels, figures, data.vocab_size)
