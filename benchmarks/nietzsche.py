"""Characters of Nietzsche: our LSTM after three epochs beside the figures of Keras' text generation tutorial.

    python -m benchmarks nietzsche [--units 128 256] [--epochs 3]

The corpus is looked for in $TEXTGEN_DATA. Prints one JSON object a line: loss (nats a character) and accuracy (share
of characters that were the model's first guess) over the whole train stream with the final weights, and over the
held-out tail, which the tutorial doesn't have. The tutorial's LSTM has 128 units and reads the same text, lower-cased,
in windows of 40; ours carries its state on.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from benchmarks._corpora import DATA, characters_of, streams_of
from benchmarks._learning import trained
from textgen_core.models.backend import compiled
from textgen_core.models.directory import load_model
from textgen_core.models.interface import LanguageModel
from textgen_core.training.batches import Streams
from textgen_core.training.loss import mean_nll

ROWS, WINDOW = 32, 64
TUTORIAL = {"model": "Keras tutorial, LSTM of 128, published", "epochs": 3, "train_loss": 1.77, "train_accuracy": 0.47}


def measured(model: LanguageModel, stream: np.ndarray, split: str) -> dict[str, float]:
    """Loss and accuracy over a stream in rows that read on."""
    batches = Streams(stream, ROWS, WINDOW, seed=None)

    @compiled
    def read(tokens: Any, targets: Any, state: Any) -> tuple[Any, Any, Any]:
        logits, state = model(tokens, state)
        hits = ops.cast(ops.argmax(logits, axis=-1), "int32") == targets
        return mean_nll(logits, targets), ops.mean(ops.cast(hits, "float32")), state

    state, figures = model.init_state(ROWS, 0), []
    for t in range(batches.per_pass):
        tokens, targets, _ = batches[t]
        loss, accuracy, state = read(tokens, targets, state)
        figures.append((float(loss), float(accuracy)))
    loss, accuracy = np.mean(figures, axis=0)
    return {f"{split}_loss": round(loss, 4), f"{split}_accuracy": round(accuracy, 4)}


def ours(tokens: Path, streams: dict[str, np.ndarray], output: Path, units: int, epochs: int) -> dict[str, Any]:
    """The demo preset with an LSTM."""
    steps = epochs * Streams(streams["train"], ROWS, WINDOW, seed=None).per_pass
    options = {"preset": "demo", "cell": "lstm", "units": units, "batch-size": ROWS, "window": WINDOW}
    options |= {"steps": steps, "evaluate-every": steps}
    cost = trained(tokens, output, *(f"--{name}={value}" for name, value in options.items()))
    model = load_model(output)
    figures = {name: value for split in streams for name, value in measured(model, streams[split], split).items()}
    return {"model": repr(model.settings), "epochs": epochs, **figures, **cost}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, nargs="+", default=[128, 256])
    parser.add_argument("--epochs", type=int, default=3)
    arguments = parser.parse_args()
    print(json.dumps(TUTORIAL), flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tokens = characters_of(
            DATA / "nietzsche.txt", folder, encoding="latin-1"
        )  # its few accents were damaged before
        streams = streams_of(tokens, folder)
        for units in arguments.units:
            print(json.dumps(ours(tokens, streams, folder / str(units), units, arguments.epochs)), flush=True)


if __name__ == "__main__":
    main()
