"""Characters of Shakespeare: our RNN within the time of nanoGPT's CPU preset, nanoGPT run beside it.

    python -m benchmarks.shakespeare --nanogpt CHECKOUT --python PYTHON_WITH_TORCH [--steps 1500]

$NANOGPT and $NANOGPT_PYTHON do the same; without them ours stands alone. Corpora are looked for in $TEXTGEN_DATA.

Both train on the same first nine tenths of the text, as whole processes timed from start to end: imports and compiling
count, preparing the data doesn't, each evaluates once. Prints one JSON object a line. The losses are nats a character
over the very same held-out characters: windows_of_64 in separate windows of 64, full_context with all the context that
each model can use (nanoGPT 49 to 64 characters, our RNN all before).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._characters import DATA, streams_of, tokens_of, trained
from textgen_core.models.directory import load_model
from textgen_core.tokenization.interface import END
from textgen_core.training.evaluator import Evaluator

WINDOW = 64


def ours(tokens: Path, held_out: np.ndarray, folder: Path, steps: int) -> dict[str, Any]:
    """The demo preset's RNN."""
    options = ["--preset", "demo", "--steps", str(steps), "--evaluate-every", str(steps)]
    cost = trained(tokens, folder / "model", *options)
    model, count = load_model(folder / "model"), (len(held_out) - 1) // WINDOW
    figures = {"windows_of_64": count, "full_context": 1}  # rows: a new one for every window, or one that reads on
    losses = {name: Evaluator(model, held_out, rows, WINDOW, count * WINDOW)() for name, rows in figures.items()}
    return {
        "model": repr(model.settings),
        **cost,
        "targets": count * WINDOW,
        **{name: round(loss, 4) for name, loss in losses.items()},
    }


def nanogpt(checkout: str, python: str, streams: dict[str, np.ndarray], folder: Path) -> dict[str, Any]:
    """4 layers of 128, context 64, 2,000 steps of 12 x 64, on the ids of the same characters."""
    alphabet = np.unique(streams["train"])
    assert set(streams["validation"].tolist()) <= set(alphabet.tolist()), "held-out characters that training lacks"
    for name, split in {"train.bin": "train", "val.bin": "validation"}.items():
        np.searchsorted(alphabet, streams[split]).astype(np.uint16).tofile(folder / name)
    script = Path(__file__).parent / "peers" / "nanogpt.py"
    run = subprocess.run(
        [python, script.resolve(), folder, folder / "out"], cwd=checkout, check=True, stdout=subprocess.PIPE, text=True
    )
    return {"model": "nanoGPT, 4 x 128, context 64, 2,000 steps of 12 x 64", **json.loads(run.stdout)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--nanogpt", default=os.environ.get("NANOGPT"))
    parser.add_argument("--python", default=os.environ.get("NANOGPT_PYTHON"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        tokens = tokens_of(DATA / "tinyshakespeare.txt", folder)
        streams = {split: stream[stream != END] for split, stream in streams_of(tokens, folder).items()}
        peer: dict[str, Any] = {"model": "nanoGPT", "skipped": "name a checkout and a Python with torch: see --help"}
        if arguments.nanogpt and arguments.python:
            peer = nanogpt(arguments.nanogpt, arguments.python, streams, folder)
        print(json.dumps(peer), flush=True)
        own = ours(tokens, streams["validation"], folder, arguments.steps)
        print(json.dumps(own))
    if "wall_seconds" in peer:
        names = ("wall_seconds", "processor_seconds", "windows_of_64", "full_context")
        print(json.dumps({"model": "ours / nanoGPT", **{name: round(own[name] / peer[name], 3) for name in names}}))


if __name__ == "__main__":
    main()
