"""What bfloat16 costs: the held-out loss of trained models that decode in it, beside the same models in float32.

    python -m benchmarks half [--steps 600]

tinyshakespeare by characters, its last tenth held out; corpora are looked for in $TEXTGEN_DATA. Prints one JSON object
a family: nats a character over 128 held-out windows of 200, read step by step as the engine does, in float32 and in
bfloat16, and the share of characters for which both find the same the likeliest.
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
from textgen_core.decoding.settings import TILE
from textgen_core.models.backend import compiled
from textgen_core.models.directory import load_model
from textgen_core.models.half import halve
from textgen_core.models.interface import LanguageModel

WINDOW = 200


def read(model: LanguageModel, tokens: np.ndarray) -> np.ndarray:
    """Log-probabilities [t - 1, n, vocab] after each of tokens [n, t] but the last."""

    @compiled
    def step(tokens: Any, state: Any) -> tuple[Any, Any]:
        logits, state = model.step(tokens, state)
        return ops.log_softmax(logits), state

    state, found = model.init_state(len(tokens), tokens.shape[1]), []
    for column in tokens.T[:-1]:
        logprobs, state = step(column, state)
        found.append(np.asarray(logprobs))
    return np.stack(found)


def compared(directory: Path, tokens: np.ndarray) -> dict[str, float]:
    """Both precisions of a model on tokens [n, t]."""
    full, half = load_model(directory), load_model(directory)
    halve(half)
    said = {"float32": read(full, tokens), "bfloat16": read(half, tokens)}
    targets = tokens.T[1:, :, None]
    nats = {name: float(-np.take_along_axis(each, targets, axis=2).mean()) for name, each in said.items()}
    same = np.mean(said["float32"].argmax(axis=2) == said["bfloat16"].argmax(axis=2))
    return {**nats, "worse by": nats["bfloat16"] - nats["float32"], "same likeliest": float(same)}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--steps", type=int, default=600, help="of training")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tokens = characters_of(DATA / "tinyshakespeare.txt", folder)
        stream = streams_of(tokens, folder)["validation"]
        starts = np.linspace(0, len(stream) - WINDOW, TILE).astype(int)
        windows = stream[starts[:, None] + np.arange(WINDOW)].astype(np.int32)
        for family in ("rnn", "cnn", "transformer"):
            trained(tokens, folder / family, "--family", family, "--steps", str(given.steps), "--samples", "0")
            print(
                json.dumps({"family": family, "steps": given.steps, **compared(folder / family, windows)}), flush=True
            )


if __name__ == "__main__":
    main()
