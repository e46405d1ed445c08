"""Characters of Shakespeare: every family within the time of nanoGPT's CPU preset, nanoGPT run beside them.

    python -m benchmarks shakespeare --nanogpt CHECKOUT --python PYTHON_WITH_TORCH [--seconds 102] [--families rnn cnn]

$NANOGPT and $NANOGPT_PYTHON do the same; without them ours stand alone. Corpora are looked for in $TEXTGEN_DATA.

All train on the same first nine tenths of the text, as whole processes timed from start to end: imports and compiling
count, preparing the data doesn't. Without --seconds ours get the time that nanoGPT took, without nanoGPT 102 s; with
half an hour (--seconds 1800), models that are meant for it. Prints one JSON object a line. The losses are nats a
character over the very same held-out characters: windows_of_64 in separate windows of 64, full_context with all the
context that each model can use (nanoGPT 49 to 64 characters, a Transformer half its context or more, an RNN all
before). A curve is measured on the first 20,000 of them, and ends with all.
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

from benchmarks._corpora import DATA, characters_of, streams_of
from benchmarks._learning import held_out_nats, learned
from textgen_core.models.directory import load_model
from textgen_core.tokenization.interface import END
from textgen_core.training.evaluator import Evaluator

WINDOW = 64
PRESET = 102
"""Seconds that nanoGPT's CPU preset took on the machine on which the aim was set: 1.874 nats."""
SHORT: dict[str, dict[str, Any]] = {
    "rnn": {"preset": "small", "units": 512, "learning-rate": 6e-3},
    "cnn": {"preset": "demo"},
    "transformer": {"preset": "demo"},
    "ngram": {"preset": "small", "order": 7},
}
LONG = SHORT | {
    "rnn": {
        "preset": "small",
        "cell": "lstm",
        "units": 640,
        "embedding": 64,
        "tied": False,
        "input-dropout": 0.35,
        "dropout": 0.45,
        "learning-rate": 4e-3,
        "warmup": 1500,
    },
    "cnn": {"preset": "small", "layers": 10, "width": 192, "dilation-cycle": 5, "dropout": 0.2},
    "transformer": {"preset": "small", "layers": 6, "width": 192, "heads": 6, "dropout": 0.2},
}
"""For ten minutes and more: nats a character of so small a corpus then hang on what keeps a model from learning it by
heart."""


def ours(tokens: Path, held_out: np.ndarray, folder: Path, options: dict[str, Any], seconds: float) -> dict[str, Any]:
    """One family's figures."""
    found = learned(tokens, folder, options, seconds)
    model, count = load_model(folder), (len(held_out) - 1) // WINDOW
    windows = Evaluator(model, held_out, count, WINDOW, count * WINDOW)
    full = round(held_out_nats(folder, held_out), 4)
    *earlier, (end, _) = found.pop("curve")
    figures = {"targets": count * WINDOW, "windows_of_64": round(windows(), 4), "full_context": full}
    return {**found, **figures, "curve": [*earlier, (end, full)]}


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
    found = json.loads(run.stdout)
    about = {"name": "nanoGPT", "model": "4 x 128, context 64, 2,000 steps of 12 x 64"}
    return {**about, **found, "curve": [(found["wall_seconds"], found["full_context"])]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--families", nargs="+", choices=SHORT, default=list(SHORT))
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--nanogpt", default=os.environ.get("NANOGPT"))
    parser.add_argument("--python", default=os.environ.get("NANOGPT_PYTHON"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        tokens = characters_of(DATA / "tinyshakespeare.txt", folder)
        streams = {split: stream[stream != END] for split, stream in streams_of(tokens, folder).items()}
        peer: dict[str, Any] = {"name": "nanoGPT", "skipped": "name a checkout and a Python with torch: see --help"}
        if arguments.nanogpt and arguments.python:
            peer = nanogpt(arguments.nanogpt, arguments.python, streams, folder)
        print(json.dumps(peer), flush=True)
        seconds = arguments.seconds or peer.get("wall_seconds", PRESET)
        for family in arguments.families:
            options = {**(LONG if seconds >= 600 else SHORT)[family], "family": family}
            found = ours(tokens, streams["validation"], folder / family, options, seconds)
            print(json.dumps({"name": family, "options": options, "budget_seconds": seconds, **found}), flush=True)


if __name__ == "__main__":
    main()
