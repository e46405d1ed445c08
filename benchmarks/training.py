"""Training speed of our recurrent layers beside Keras' own and torch's, in one run.

    python -m benchmarks.training [--units 512] [--layers 2] [--rows 64] [--window 128] [--repeats 7] [--python PYTHON]

Each trains the same model, embedding and output included, on a batch of the same shape. After a first step, which
compiles, they take turns, step by step, so that all meet the same machine. Prints one JSON object a line: the median
tokens a second, its ratio to the peers of the same cell. --python (or $TORCH_PYTHON) names a Python that has torch.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from textgen_core.models.families import build_model
from textgen_core.models.settings import ModelSettings, RNNSettings
from textgen_core.training.learner import Learner

import keras  # isort: skip  (after our models package, which chooses the backend)

VOCAB = 96
Name = TypeVar("Name")
Step = Callable[[], float]
"""One step of training; its seconds."""


def timed(step: Callable[[], Any]) -> Step:
    def measure() -> float:
        began = time.perf_counter()
        step()
        return time.perf_counter() - began

    return measure


def batch_of(arguments: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = arguments.rows
    ids = np.random.default_rng(0).integers(0, VOCAB, (rows, arguments.window + 1)).astype(np.int32)
    return ids[:, :-1], ids[:, 1:], np.zeros(rows, np.int32)


def learning(settings: ModelSettings, arguments: Any, xla: bool) -> Step:
    """Our own step with a model of these settings."""
    learner = Learner(build_model(settings, VOCAB), arguments.rows, clip_norm=1.0)
    learner.compile(keras.optimizers.AdamW(1e-3), jit_compile=xla)
    learner.make_train_function()
    batch = batch_of(arguments)
    return timed(lambda: float(learner.train_function(iter([batch]))["loss"]))


def ours(cell: str, arguments: Any, xla: bool = True) -> Step:
    settings = {"cell": cell, "layers": arguments.layers, "units": arguments.units, "tied": False}
    return learning(RNNSettings.model_validate(settings), arguments, xla)


def theirs(layer: type[Any], arguments: Any) -> Step:
    stack = [layer(arguments.units, return_sequences=True) for _ in range(arguments.layers)]
    model = keras.Sequential([keras.layers.Embedding(VOCAB, arguments.units), *stack, keras.layers.Dense(VOCAB)])
    model.compile(
        keras.optimizers.AdamW(1e-3, global_clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    tokens, targets, _ = batch_of(arguments)
    return timed(lambda: model.train_on_batch(tokens, targets))


def peer(python: str, script: str, told: Mapping[str, Any]) -> Step:
    """A script of ``peers`` in a process of its own, which takes a step for each line it is sent.

    A step raises EOFError where the process has ended instead of answering.
    """
    command = [python, str(Path(__file__).parent / "peers" / script), json.dumps({**told, "vocab": VOCAB})]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def step() -> float:
        assert process.stdin and process.stdout
        print(file=process.stdin, flush=True)
        line = process.stdout.readline()
        if not line:
            raise EOFError(f"{script} gave no answer: see what it wrote above")
        return float(line)

    return step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in {"units": 512, "layers": 2, "rows": 64, "window": 128, "repeats": 7}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--python", default=os.environ.get("TORCH_PYTHON"))
    arguments = parser.parse_args()
    steps = {
        ("ours", "lstm"): ours("lstm", arguments),
        ("ours, without XLA", "lstm"): ours("lstm", arguments, xla=False),
        ("keras.layers.LSTM", "lstm"): theirs(keras.layers.LSTM, arguments),
        ("ours", "gru"): ours("gru", arguments),
        ("ours, without XLA", "gru"): ours("gru", arguments, xla=False),
        ("keras.layers.GRU", "gru"): theirs(keras.layers.GRU, arguments),
    }
    if arguments.python:
        told = {name: getattr(arguments, name) for name in ("units", "layers", "rows", "window")}
        steps["torch.nn.LSTM", "lstm"] = peer(arguments.python, "torch_lstm.py", told)
    else:
        print(json.dumps({"model": "torch.nn.LSTM", "skipped": "name a Python that has torch: see --help"}))
    medians = in_turns(steps, arguments.repeats)
    for (name, cell), seconds in medians.items():
        speed = round(arguments.rows * arguments.window / seconds)
        peers = {peer: own for (peer, kind), own in medians.items() if kind == cell and not peer.startswith("ours")}
        ratios = {f"times {peer}": round(own / seconds, 2) for peer, own in peers.items() if peer != name}
        print(json.dumps({"model": name, "cell": cell, "tokens_per_second": speed, **ratios}))


def in_turns(steps: Mapping[Name, Step], repeats: int) -> dict[Name, float]:
    """Median seconds of each; the first round, which compiles, is left out."""
    rounds = [{name: rested(step) for name, step in steps.items()} for _ in range(repeats + 1)]
    return {name: statistics.median(taken[name] for taken in rounds[1:]) for name in steps}


def rested(step: Step) -> float:
    """A step's seconds, when the threads of the one before have gone to sleep: those of OpenMP wait 0.2 s at work."""
    time.sleep(0.3)
    return step()


if __name__ == "__main__":
    main()
