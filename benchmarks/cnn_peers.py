"""Training speed of our gated convolutional model beside the same one in torch, in one run.

    python -m benchmarks.cnn_peers --python PYTHON_WITH_TORCH [--layers 8] [--width 256] [--rows 32] [--window 64]

$TORCH_PYTHON does the same as --python. Each trains the same architecture on a batch of the same shape: embedding,
gated dilated convolutions, projections, RMSNorm, tied output, AdamW, clipping. torch does it with its own conv1d and by
the one matrix product that ours is, eager and through torch.compile; a way that does not run there is left out, with
its reason on stderr. After a first step, which compiles, they take turns, step by step. Prints one JSON object a line:
the median tokens a second, and how many times those of each peer ours are.
"""

from __future__ import annotations

import argparse
import json
import os

from benchmarks.training import Step, in_turns, learning, peer
from textgen_core.models.settings import CNNSettings

DEFAULTS = {"layers": 8, "width": 256, "kernel": 3, "dilation_cycle": 4}
SHAPE = {"rows": 32, "window": 64, "repeats": 15}
WAYS = [(way, compiled) for way in ("conv1d", "product") for compiled in (False, True)]


def peers(python: str, settings: CNNSettings, arguments: argparse.Namespace) -> dict[str, Step]:
    """torch's ways that run there; each has taken its first step."""
    told = {
        **settings.model_dump(),
        "dilations": settings.dilations,
        "rows": arguments.rows,
        "window": arguments.window,
    }
    found = {}
    for way, compiled in WAYS:
        name = f"torch {way}, {'compiled' if compiled else 'eager'}"
        step = peer(python, "torch_cnn.py", {**told, "way": way, "compiled": compiled})
        try:
            step()
        except EOFError:
            print(json.dumps({"model": name, "skipped": "it did not run: see above"}))
        else:
            found[name] = step
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in {**DEFAULTS, **SHAPE}.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default)
    parser.add_argument("--python", default=os.environ.get("TORCH_PYTHON"))
    arguments = parser.parse_args()
    settings = CNNSettings.model_validate({name: getattr(arguments, name) for name in DEFAULTS})
    steps = {"ours": learning(settings, arguments, xla=False), "ours, through XLA": learning(settings, arguments, True)}
    if arguments.python:
        steps |= peers(arguments.python, settings, arguments)
    else:
        print(json.dumps({"model": "torch", "skipped": "name a Python that has torch: see --help"}))
    medians = in_turns(steps, arguments.repeats)
    for name, seconds in medians.items():
        speed = round(arguments.rows * arguments.window / seconds)
        print(json.dumps({"model": name, "tokens_per_second": speed, "ours is": round(seconds / medians["ours"], 2)}))


if __name__ == "__main__":
    main()
