"""Copy, reverse, sort: tasks that an encoder-decoder solves exactly if its attention works, and can't without.

    python -m benchmarks sequences [--tasks copy reverse sort] [--models dot ..] [--longest 20]

Sources are random letters, from one to --longest of them; targets the same letters as they are, backwards, or in
order. Everything goes the product's way: documents with a kept column, tokens by pairs, training, greedy generation.
Prints one JSON object a line: the share of held-out sources whose target is exact, of all and of the longest quarter,
and the seconds of training. Without attention (none) one vector has to hold the source; that its long ones are worse is
the proof that attention does something.
"""

from __future__ import annotations

import argparse
import json
import string
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from textgen_core.datasets.parts import parts_of, read_part
from textgen_core.generation.settings import GenerationSettings
from textgen_core.generation.stage import generate
from textgen_core.ingestion.settings import IngestionSettings
from textgen_core.ingestion.stage import ingest
from textgen_core.progress import silent
from textgen_core.tokenization.settings import TokenizationSettings
from textgen_core.tokenization.stage import tokenize
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.stage import train

LETTERS = np.array(list(string.ascii_lowercase[:16]))
TASKS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "copy": lambda letters: letters,
    "reverse": lambda letters: letters[::-1],
    "sort": np.sort,
}
RNN = {"family": "seq2seq-rnn", "units": 64}
MODELS: dict[str, dict[str, Any]] = {
    "dot": {"model": {**RNN, "attention": "dot"}, "learning_rate": 1e-2},
    "additive": {"model": {**RNN, "attention": "additive"}, "learning_rate": 1e-2},
    "none": {"model": {**RNN, "attention": "none"}, "learning_rate": 1e-2},
    "cnn": {"model": {"family": "seq2seq-cnn", "layers": 2, "width": 64, "context": 64}, "learning_rate": 5e-3},
    "transformer": {
        "model": {
            "family": "seq2seq-transformer",
            "layers": 2,
            "width": 64,
            "heads": 4,
            "context": 64,
            "positions": "learned",
        },
        "optimizer": "adamw",
        "learning_rate": 2e-3,
    },
}
"""All with the same batches, and as many of them."""
ROWS, TRAINED, HELD_OUT = 64, 60_000, 500


def pairs_of(task: str, longest: int, count: int, seed: int) -> list[tuple[str, str]]:
    """Random sources with their targets."""
    draw = np.random.default_rng(seed)
    sources = [draw.choice(LETTERS, length) for length in draw.integers(1, longest + 1, count)]
    return [("".join(source), "".join(TASKS[task](source))) for source in sources]


def tokens_of(task: str, longest: int, folder: Path) -> Path:
    """The pairs to learn from, in a directory of tokens."""
    split = {"train": pairs_of(task, longest, TRAINED, 1), "validation": pairs_of(task, longest, HELD_OUT, 2)}
    rows = [{"split": name, "asked": source, "text": text} for name, own in split.items() for source, text in own]
    folder.mkdir()
    (folder / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    reading = {
        "inputs": (str(folder / "pairs.jsonl"),),
        "keep_columns": ("asked",),
        "split": {"method": "column"},
        "deduplicate": False,
    }
    ingest(IngestionSettings.model_validate(reading | {"output": folder / "documents"}), silent)
    made = {"tokenizer": {"kind": "char"}, "pairs": {"kind": "column", "source": "asked"}}
    places = {"corpus": folder / "documents", "output": folder / "tokens"}
    tokenize(TokenizationSettings.model_validate(made | places), silent)
    return folder / "tokens"


def solved(model: Path, task: str, longest: int) -> dict[str, float]:
    """Shares of new sources whose target is exact: of all, and of the longest quarter."""
    asked = pairs_of(task, longest, HELD_OUT, 3)
    seeds = model.with_name(f"{model.name}.jsonl")
    seeds.write_text("".join(json.dumps({"prompt": source, "wanted": target}) + "\n" for source, target in asked))
    output = model.with_name(f"{model.name}-targets")
    options = {"samplers": {"greedy": {"strategy": "greedy"}}, "max_new_tokens": longest + 1}
    generate(GenerationSettings.model_validate({"model": model, "seeds": seeds, "output": output, **options}), silent)
    columns = ["text", "wanted"]
    batches = [
        batch for part in parts_of(output / "generations") for batch in read_part(part, columns, batch_rows=1000)
    ]
    rows = [row for batch in batches for row in batch.to_pylist()]
    right = np.array([row["text"] == row["wanted"] for row in rows])
    long = np.array([len(row["wanted"]) > 0.75 * longest for row in rows])
    return {"exact": round(float(right.mean()), 4), "exact_long": round(float(right[long].mean()), 4)}


def measured(name: str, task: str, longest: int, steps: int, tokens: Path) -> dict[str, Any]:
    """A model that has learned a task, and how well it does it."""
    output = tokens.with_name(name)
    common = {"batch_size": ROWS, "window": longest + 2, "steps": steps, "warmup": 50, "weight_decay": 0.0}
    quiet = {"evaluate_every": steps, "patience": None, "samples": 0, "tokens": tokens, "output": output}
    began = time.monotonic()
    facts = train(TrainingSettings.model_validate({**MODELS[name], **common, **quiet}), silent).facts
    seconds = time.monotonic() - began
    found = {"task": task, "model": name, "longest": longest, "steps": steps, "weights": facts["parameters"]}
    return {**found, "train_seconds": round(seconds, 1), **solved(output, task, longest)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--longest", type=int, default=16)
    parser.add_argument("--steps", type=int, default=2000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for task in given.tasks:
            tokens = tokens_of(task, given.longest, folder / task)
            for model in given.models:
                print(json.dumps(measured(model, task, given.longest, given.steps, tokens)), flush=True)


if __name__ == "__main__":
    main()
