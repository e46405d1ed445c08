"""Training speed of our recurrent layers beside Keras' own (and torch's, where installed), in one run.

    python -m benchmarks.training [--units 512] [--layers 2] [--rows 64] [--window 128] [--repeats 5]

Each trains the same model, embedding and output included, on the same batch; prints one JSON object a line with the
median tokens a second after the step that compiles, and its ratio to ``keras.layers.LSTM``.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from textgen_core.models.families import build_model
from textgen_core.models.settings import RNNSettings
from textgen_core.training.learner import Learner

import keras  # isort: skip  (after our models package, which chooses the backend)

VOCAB = 96


def batch_of(rows: int, window: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ids = np.random.default_rng(0).integers(0, VOCAB, (rows, window + 1)).astype(np.int32)
    return ids[:, :-1], ids[:, 1:], np.zeros(rows, np.int32)


def ours(cell: str, xla: bool, arguments: Any) -> Callable[[], None]:
    settings = RNNSettings.model_validate(
        {"cell": cell, "layers": arguments.layers, "units": arguments.units, "tied": False}
    )
    learner = Learner(build_model(settings, VOCAB), arguments.rows, clip_norm=1.0)
    learner.compile(keras.optimizers.AdamW(1e-3), jit_compile=xla)
    learner.make_train_function()
    batch = batch_of(arguments.rows, arguments.window)
    return lambda: float(learner.train_function(iter([batch]))["loss"])


def theirs(layer: type[Any], arguments: Any) -> Callable[[], None]:
    stack = [layer(arguments.units, return_sequences=True) for _ in range(arguments.layers)]
    model = keras.Sequential([keras.layers.Embedding(VOCAB, arguments.units), *stack, keras.layers.Dense(VOCAB)])
    model.compile(
        keras.optimizers.AdamW(1e-3, global_clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    tokens, targets, _ = batch_of(arguments.rows, arguments.window)
    return lambda: model.train_on_batch(tokens, targets)


def torchs(arguments: Any) -> Callable[[], None]:
    import torch

    embedding = torch.nn.Embedding(VOCAB, arguments.units)
    layers = torch.nn.LSTM(arguments.units, arguments.units, arguments.layers, batch_first=True)
    output = torch.nn.Linear(arguments.units, VOCAB)
    weights = [weight for module in (embedding, layers, output) for weight in module.parameters()]
    optimizer = torch.optim.AdamW(weights, 1e-3)
    tokens, targets, _ = (
        torch.as_tensor(array, dtype=torch.long) for array in batch_of(arguments.rows, arguments.window)
    )

    def step() -> None:
        optimizer.zero_grad()
        logits = output(layers(embedding(tokens))[0])
        torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten()).backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()

    return step


def rate(step: Callable[[], Any], arguments: Any) -> float:
    """Median tokens a second, the first step left out."""
    step()
    seconds = []
    for _ in range(arguments.repeats):
        began = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - began)
    return arguments.rows * arguments.window / statistics.median(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in {"units": 512, "layers": 2, "rows": 64, "window": 128, "repeats": 5}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    arguments = parser.parse_args()
    contenders = {
        "keras.layers.LSTM": lambda: theirs(keras.layers.LSTM, arguments),
        "ours, LSTM, XLA": lambda: ours("lstm", True, arguments),
        "ours, LSTM, no XLA": lambda: ours("lstm", False, arguments),
        "keras.layers.GRU": lambda: theirs(keras.layers.GRU, arguments),
        "ours, GRU, XLA": lambda: ours("gru", True, arguments),
    }
    if importlib.util.find_spec("torch"):
        contenders["torch.nn.LSTM"] = lambda: torchs(arguments)
    base = None
    for name, make in contenders.items():
        speed = rate(make(), arguments)
        base = base or speed
        print(
            json.dumps({"model": name, "tokens_per_second": round(speed), "ratio": round(speed / base, 2)}), flush=True
        )


if __name__ == "__main__":
    main()
