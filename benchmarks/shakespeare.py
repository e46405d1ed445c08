"""Characters of Shakespeare: our RNN in the time that nanoGPT's CPU preset takes.

    TEXTGEN_DATA=../shared/data python -m benchmarks.shakespeare [--steps 1200] [--corpus nietzsche]

Prints one JSON object a line: model, training seconds, nats a character on the held-out tenth, with all the context
there is and in windows of 64. Where $NANOGPT names a checkout of nanoGPT and torch is there, its preset (4 layers of
128, context 64, 2,000 steps of 12 x 64) is run beside it, first to last in the same job.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from textgen_core.ingestion.settings import IngestionSettings, SplitSettings
from textgen_core.ingestion.stage import ingest
from textgen_core.models.directory import load_model
from textgen_core.progress import Terminal
from textgen_core.tokenization.settings import CharSettings, TokenizationSettings
from textgen_core.tokenization.stage import tokenize
from textgen_core.training.evaluator import Evaluator
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.stage import train
from textgen_core.training.tokens import token_stream

DATA = Path(os.environ.get("TEXTGEN_DATA", "../shared/data"))
NANOGPT = [
    *("--device=cpu", "--compile=False", "--dropout=0.0", "--block_size=64", "--batch_size=12"),
    *("--n_layer=4", "--n_head=4", "--n_embd=128", "--max_iters=2000", "--lr_decay_iters=2000"),
    *("--eval_iters=200", "--eval_interval=2000", "--log_interval=100"),
]


def tokens_of(corpus: Path, folder: Path) -> Path:
    """The corpus as one document, its last tenth held out, one token a character."""
    split = SplitSettings(method="tail")
    ingest(IngestionSettings(inputs=(str(corpus),), unit="file", split=split, output=folder / "documents"), Terminal())
    tokenizer = CharSettings(fallback="unknown")
    tokenize(
        TokenizationSettings(tokenizer=tokenizer, corpus=folder / "documents", output=folder / "tokens"), Terminal()
    )
    return folder / "tokens"


def ours(tokens: Path, folder: Path, steps: int) -> dict[str, Any]:
    """Train the demo preset's RNN and measure it on the whole held-out text."""
    began = time.monotonic()
    settings = TrainingSettings.model_validate(
        {"preset": "demo", "steps": steps, "evaluate_every": steps, "tokens": tokens, "output": folder / "model"}
    )
    facts = train(settings, Terminal()).facts
    seconds = time.monotonic() - began
    model = load_model(folder / "model")
    stream = token_stream(tokens / "sequences", "validation", model.vocab_size, folder)
    # One row reads the text from its beginning to its end; windows are rows of their own that begin from nothing.
    whole = Evaluator(model, stream, rows=1, window=1024, tokens=len(stream))()
    return {
        "model": f"{settings.model!r}",
        "wall_seconds": round(seconds, 1),
        "training_seconds": facts["training_seconds"],
        "steps": steps,
        "train_loss": facts["train_loss"],
        "full_context": round(whole, 4),
        "windows_of_64": round(windowed(model, stream, 64), 4),
    }


def windowed(model: Any, stream: np.ndarray, window: int) -> float:
    """Nats a token where every window is read from a fresh state."""
    rows = (len(stream) - 1) // window
    return Evaluator(model, stream, rows=rows, window=window, tokens=rows * window)()


def nanogpt(checkout: Path) -> dict[str, Any]:
    """nanoGPT's own run of its CPU preset."""
    subprocess.run([sys.executable, "data/shakespeare_char/prepare.py"], cwd=checkout, check=True, capture_output=True)
    began = time.monotonic()
    command = [sys.executable, "train.py", "config/train_shakespeare_char.py", *NANOGPT]
    output = subprocess.run(command, cwd=checkout, check=True, capture_output=True, text=True).stdout
    losses = re.findall(r"val loss ([0-9.]+)", output)
    return {
        "model": "nanoGPT 4 x 128, context 64",
        "wall_seconds": round(time.monotonic() - began, 1),
        "windows_of_64": float(losses[-1]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--corpus", default="tinyshakespeare")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(json.dumps(ours(tokens_of(DATA / f"{arguments.corpus}.txt", folder), folder, arguments.steps)))
    if checkout := os.environ.get("NANOGPT"):
        print(json.dumps(nanogpt(Path(checkout))))
    else:
        print(json.dumps({"model": "nanoGPT", "skipped": "NANOGPT names no checkout"}))


if __name__ == "__main__":
    main()
