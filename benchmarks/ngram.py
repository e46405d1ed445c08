"""Kneser-Ney by order: held-out loss, what counting costs, and what a step of decoding does.

    python -m benchmarks ngram [--orders 3 5 7]

tinyshakespeare by characters, its last tenth held out; WikiText-2 by words, counted on valid.txt and judged on
test.txt, each one document. Corpora are looked for in $TEXTGEN_DATA. Prints one JSON object a line: nats a token over
the whole held-out text, each token with all the context that its order allows, bits a character with unknown words
spelt, seconds of counting alone, megabytes of model.safetensors, and milliseconds a step of a tile's rows that read it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from benchmarks._corpora import DATA, characters_of, streams_of, words_of
from textgen_core.datasets.manifest import read_manifest
from textgen_core.decoding.settings import TILE
from textgen_core.models.backend import compiled
from textgen_core.models.directory import load_model
from textgen_core.progress import silent
from textgen_core.training.ngrams.kneser_ney import smoothed
from textgen_core.training.ngrams.levels import count_levels
from textgen_core.training.ngrams.tables import tables_of
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.stage import train

ROWS, STEPS, REPEATS = TILE, 50, 5


def counted(tokens: Path, folder: Path, order: int) -> dict[str, Any]:
    """An n-gram of this order, and what it says of all held-out text."""
    reading = {"batch_size": 1, "window": 1024, "evaluate_tokens": 10**9, "samples": 0}
    model = {"family": "ngram", "order": order}
    facts = train(TrainingSettings(model=model, tokens=tokens, output=folder, **reading), silent).facts
    stream = streams_of(tokens, folder)
    vocab_size = read_manifest(tokens).facts["vocab_size"]
    began = time.perf_counter()
    levels = count_levels(stream["train"], vocab_size, order)
    tables_of(levels, smoothed(levels, vocab_size), vocab_size)
    return {
        "order": order,
        "vocabulary": vocab_size,
        "train_tokens": len(stream["train"]),
        "held_out_tokens": len(stream["validation"]),
        "nats": facts["validation_loss"],
        "bits_per_char": facts["bits_per_char"],
        "train_nats": facts["train_loss"],
        "counting_seconds": round(time.perf_counter() - began, 2),
        "weights": facts["parameters"],
        "megabytes": round((folder / "model.safetensors").stat().st_size / 1e6, 1),
        "step_ms": round(1000 * step_seconds(folder, stream["validation"]), 3),
    }


def step_seconds(directory: Path, stream: np.ndarray) -> float:
    """The fastest of some runs. Rows read text, so that contexts with many followers are as frequent as they are."""
    model = load_model(directory)
    starts = np.linspace(0, len(stream) - STEPS - 1, ROWS).astype(int)
    tokens = stream[starts[None] + np.arange(STEPS)[:, None]].astype(np.int32)

    @compiled
    def read(tokens: Any, state: Any) -> Any:
        def step(k: Any, total: Any, state: Any) -> Any:
            logits, state = model.step(ops.take(tokens, k, axis=0), state)
            return k + 1, total + ops.max(logits), state

        begin = (ops.convert_to_tensor(0), ops.convert_to_tensor(0.0), state)
        return ops.while_loop(lambda k, *_: k < STEPS, step, begin)[1]

    seconds = []
    for _ in range(REPEATS + 1):
        began = time.perf_counter()
        float(read(tokens, model.init_state(ROWS)))
        seconds.append(time.perf_counter() - began)
    return min(seconds[1:]) / STEPS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, nargs="+", default=[1, 2, 3, 4, 5, 6, 7, 8])
    orders = parser.parse_args().orders
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        corpora = {
            "tinyshakespeare, characters": characters_of(DATA / "tinyshakespeare.txt", folder / "characters"),
            "WikiText-2, words": words_of(folder / "words"),
        }
        for corpus, tokens in corpora.items():
            for order in orders:
                found = counted(tokens, tokens.parent / f"{order}-gram", order)
                print(json.dumps({"corpus": corpus, **found}), flush=True)


if __name__ == "__main__":
    main()
