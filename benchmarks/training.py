"""Training speed of every family beside the same model in torch, and of recurrent layers beside Keras' own.

    python -m benchmarks training --python PYTHON_WITH_TORCH [--cases lstm transformer] [--repeats 9]

$TORCH_PYTHON does the same as --python; without it ours stand alone beside Keras'. Within a case each trains the same
model, embedding and output included, on a batch of the same shape, with AdamW (whatever a preset says) and a clipped
gradient: ours as ``textgen train`` does and the other way, with XLA or without; torch eager and through torch.compile,
by its own layers; of convolutions also by the one matrix product that ours are. A way that does not run is left out,
with the reason on stderr. After a first step, which compiles, they take turns, step by step, so that all meet the same
machine. Prints one JSON object a line: the median tokens a second, both sides of a pair counted, and how many times
those of each ours are.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from textgen_core.models.families import build_model
from textgen_core.models.seq2seq_settings import (
    Seq2SeqCNNSettings,
    Seq2SeqRNNSettings,
    Seq2SeqTransformerSettings,
)
from textgen_core.models.settings import CNNSettings, ModelSettings, RNNSettings, TransformerSettings
from textgen_core.training.learner import Learner

import keras  # isort: skip  (after our models package, which chooses the backend)

VOCAB = 96
OURS = "ours"
Name = TypeVar("Name")
Step = Callable[[], float]
"""One step of training; its seconds."""


@dataclass(frozen=True)
class Case:
    """A model, the shape of its batches (of pairs: of either side), and its peers.

    Attributes:
        script: of ``peers``.
        told: its settings, by name, besides the model's.
        keras_layer: that of Keras which does the same.
    """

    settings: ModelSettings
    rows: int
    window: int
    script: str = ""
    told: Mapping[str, Any] | None = None
    keras_layer: str = ""


def recurrent(cell: Any) -> RNNSettings:
    """As wide as a corpus of some megabytes can use."""
    return RNNSettings(cell=cell, layers=2, units=512, tied=False)


CONVOLUTIONS = {"torch conv1d": {"way": "conv1d"}, "torch product": {"way": "product"}}
PAIR_CNN = Seq2SeqCNNSettings(layers=4, width=256)
PAIR_TRANSFORMER = Seq2SeqTransformerSettings(layers=3, width=256, heads=8, context=512, positions="learned")
CASES = {
    "lstm": Case(recurrent("lstm"), 64, 128, "torch_lstm.py", keras_layer="LSTM"),
    "gru": Case(recurrent("gru"), 64, 128, keras_layer="GRU"),
    "cnn": Case(CNNSettings(layers=8, width=256), 32, 64, "torch_cnn.py", CONVOLUTIONS),
    "transformer": Case(TransformerSettings(layers=4, width=256, heads=8), 16, 128, "torch_transformer.py"),
    "seq2seq-rnn": Case(Seq2SeqRNNSettings(tied=False), 32, 64, "torch_seq2seq_rnn.py"),
    "seq2seq-cnn": Case(PAIR_CNN, 16, 64, "torch_seq2seq_cnn.py", CONVOLUTIONS),
    "seq2seq-transformer": Case(PAIR_TRANSFORMER, 16, 64, "torch_seq2seq_transformer.py"),
}


def contestants(case: Case, python: str | None) -> Iterator[tuple[str, Step]]:
    """All that can do this model, each by name."""
    for xla in (False, True):
        model = build_model(case.settings, VOCAB)
        name = OURS if xla == model.scans else f"{OURS}, {'with' if xla else 'without'} XLA"
        yield name, ours(model, case, xla)
    if case.keras_layer:
        yield f"keras.layers.{case.keras_layer}", of_keras(case)
    if not (case.script and python):
        return
    for name, told in (case.told or {"torch": {}}).items():
        for compiled in (False, True):
            step = peer(python, case.script, {**facts(case), **told, "compiled": compiled})
            if _runs(step):
                yield f"{name}, {'compiled' if compiled else 'eager'}", step


def ours(model: Any, case: Case, xla: bool) -> Step:
    """Our own step."""
    learner = Learner(model, case.rows, clip_norm=1.0)
    learner.compile(keras.optimizers.AdamW(1e-3), jit_compile=xla)
    learner.make_train_function()
    batch = batch_of(case, model.reads_source)
    return timed(lambda: float(learner.train_function(iter([batch]))["loss"]))


def batch_of(case: Case, pairs: bool) -> tuple[np.ndarray, ...]:
    """Random tokens, as the learner wants them."""
    sides = [np.random.default_rng(i).integers(2, VOCAB, (case.rows, case.window)).astype(np.int32) for i in range(3)]
    if pairs:
        return sides[0], np.full(case.rows, case.window, np.int32), sides[1], sides[2]
    return sides[0], sides[1], np.zeros(case.rows, np.int32)


def of_keras(case: Case) -> Step:
    """Two recurrent layers of Keras' own."""
    settings = case.settings
    assert isinstance(settings, RNNSettings)
    layer = getattr(keras.layers, case.keras_layer)
    stack = [layer(settings.units, return_sequences=True) for _ in range(settings.layers)]
    model = keras.Sequential([keras.layers.Embedding(VOCAB, settings.units), *stack, keras.layers.Dense(VOCAB)])
    model.compile(
        keras.optimizers.AdamW(1e-3, global_clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    tokens, targets, _ = batch_of(case, pairs=False)
    return timed(lambda: model.train_on_batch(tokens, targets))


def facts(case: Case) -> dict[str, Any]:
    """What a peer has to know: the settings, what follows from them, and the shape."""
    derived = ("dilations", "encoder_dilations", "encoder_depth", "feed_forward_width")
    own = {name: getattr(case.settings, name) for name in derived if hasattr(case.settings, name)}
    return {**case.settings.model_dump(), **own, "rows": case.rows, "window": case.window, "vocab": VOCAB}


def peer(python: str, script: str, told: Mapping[str, Any]) -> Step:
    """A script of ``peers`` in a process of its own, which takes a step for each line it is sent.

    A step raises EOFError where the process has ended instead of answering.
    """
    command = [python, str(Path(__file__).parent / "peers" / script), json.dumps(told)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def step() -> float:
        assert process.stdin and process.stdout
        print(file=process.stdin, flush=True)
        line = process.stdout.readline()
        if not line:
            raise EOFError(f"{script} gave no answer: see what it wrote above")
        return float(line)

    return step


def _runs(step: Step) -> bool:
    try:
        step()
    except EOFError:
        return False
    return True


def timed(step: Callable[[], Any]) -> Step:
    def measure() -> float:
        began = time.perf_counter()
        step()
        return time.perf_counter() - began

    return measure


def in_turns(steps: Mapping[Name, Step], repeats: int) -> dict[Name, float]:
    """Median seconds of each; the first round, which compiles, is left out."""
    rounds = [{name: rested(step) for name, step in steps.items()} for _ in range(repeats + 1)]
    return {name: statistics.median(taken[name] for taken in rounds[1:]) for name in steps}


def rested(step: Step) -> float:
    """A step's seconds, when the threads of the one before have gone to sleep: those of OpenMP wait 0.2 s at work."""
    time.sleep(0.3)
    return step()


def measured(name: str, python: str | None, repeats: int) -> Sequence[dict[str, Any]]:
    """A case's lines."""
    case = CASES[name]
    medians = in_turns(dict(contestants(case, python)), repeats)
    sides = 2 if name.startswith("seq2seq") else 1
    return [
        {
            "case": name,
            "model": model,
            "tokens_per_second": round(sides * case.rows * case.window / seconds),
            "ours is": round(seconds / medians[OURS], 2),
        }
        for model, seconds in medians.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--python", default=os.environ.get("TORCH_PYTHON"))
    arguments = parser.parse_args()
    if not arguments.python:
        print(json.dumps({"model": "torch", "skipped": "name a Python that has torch: see --help"}))
    for case in arguments.cases:
        for line in measured(case, arguments.python, arguments.repeats):
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
