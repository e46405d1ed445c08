"""What each truncation adds to a decoding step, beside the draw alone and beside a sort of the vocabulary.

    python -m benchmarks truncations [--vocab 8192] [--runs 31]

Prints one JSON object a line: milliseconds of processor time to choose the next tokens of a tile of 128 rows, compiled
as the engine compiles it, and their ratio to the draw alone. The value of a knob changes no cost: all are off. The peer
is what other decoders do for top-k and top-p, a sort of every row. Medians; the methods take turns.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from textgen_core.decoding.choosing import choose
from textgen_core.decoding.settings import TILE
from textgen_core.decoding.truncations import TRUNCATIONS
from textgen_core.models.backend import compiled


def tensors(vocab: int) -> tuple[Any, dict[str, Any]]:
    """Logits about as spread as a trained model's, and every row's knobs."""
    draw = np.random.default_rng(0)
    knobs = {name: np.full(TILE, truncation.off, truncation.dtype) for name, truncation in TRUNCATIONS.items()}
    knobs |= {t.chance: np.ones(TILE, np.float32) for t in TRUNCATIONS.values() if t.chance is not None}
    knobs |= {"greedy": np.zeros(TILE, bool), "drawn": np.zeros(TILE, np.int32)}
    knobs["key"] = draw.integers(0, 2**32, (TILE, 2), dtype=np.uint32)
    logits = ops.convert_to_tensor(draw.normal(size=(TILE, vocab)).astype(np.float32) * 3)
    return logits, {name: ops.convert_to_tensor(knob) for name, knob in knobs.items()}


def chooser(*names: str) -> Callable[[Any, dict[str, Any]], Any]:
    """The engine's choice of a token after these truncations."""
    return compiled(lambda logits, knobs: choose(logits, knobs, ("draw", *names))[:3])


def sorter() -> Callable[[Any, dict[str, Any]], Any]:
    return compiled(lambda logits, knobs: ops.sort(logits, axis=1))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--vocab", type=int, default=8192, help="tokens to choose from")
    arguments.add_argument("--runs", type=int, default=31, help="runs of which the median is told")
    given = arguments.parse_args()
    logits, knobs = tensors(given.vocab)
    methods = {"draw alone": chooser(), **{name: chooser(name) for name in TRUNCATIONS}}
    methods |= {"all": chooser(*TRUNCATIONS), "a sort alone": sorter()}
    seconds: dict[str, list[float]] = {name: [] for name in methods}
    for run in range(given.runs + 1):
        for name, method in methods.items():
            began = time.process_time()
            np.asarray(ops.convert_to_numpy(method(logits, knobs)[0]))
            if run:  # the first compiles
                seconds[name].append(time.process_time() - began)
    alone = statistics.median(seconds["draw alone"])
    for name, found in seconds.items():
        median = statistics.median(found)
        print(json.dumps({"step": name, "ms": round(1000 * median, 2), "of the draw": round(median / alone, 2)}))


if __name__ == "__main__":
    main()
