"""Useful tokens a second where rows end at different lengths: rows that refill, beside batches that run dry.

    python -m benchmarks lengths [--rows 4096] [--runs 3] [--quick]

New tokens are drawn from a geometric distribution of mean 60, cut at 256, by a fixed seed; every row has a budget of
256 and ends by itself when it has as many as were drawn. The shape is that of benchmarks.decoding_peers. Tokens after
the end of a row are not counted. The contestants take turns; those that are slow continue fewer rows:

- continuous: the engine as it is
- static: each lane takes a tile of rows and lets them all end before it takes the next
- padded: static, and every row runs to the 256th token, as where nobody looks for the end
- full length: 112 tokens for every prompt of 16, none ends: the rate that ends can cost

Prints a JSON object each: the median, its ratio to static and to full length. Where the seeds run out, tiles run empty:
the fewer rows, the more of the continuous run is that.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from benchmarks._models import Ending, Endless, Silent
from benchmarks.decoding_peers import SHAPE
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import TILE, SamplerSettings
from textgen_core.decoding.shapes import capacity_class
from textgen_core.models.families import build_model
from textgen_core.models.settings import TransformerSettings

MEAN, MOST = 60, 256
CONTEXT = 512
SAMPLER = SamplerSettings()


def lengths_of(vocab: int) -> np.ndarray:
    """The new tokens of a row, by the first token of its prompt."""
    return np.minimum(np.random.default_rng(0).geometric(1 / MEAN, vocab), MOST).astype(np.int32)


def requests(rows: int, budget: int) -> list[Request]:
    draw = np.random.default_rng(1)
    first = 2 + np.arange(rows) % (SHAPE.vocab - 2)
    prompts = np.column_stack([first, draw.integers(2, SHAPE.vocab, (rows, SHAPE.prompt - 1))])
    return [Request(str(row), tuple(prompt), SAMPLER, budget) for row, prompt in enumerate(prompts.tolist())]


def drained(engine: Engine, asked: Sequence[Request]) -> int:
    return sum(len(completion.tokens) for completion in engine.run(asked))


def static(engines: Sequence[Engine], asked: Sequence[Request]) -> int:
    """Each engine has one lane and is given one tile of rows after the other."""
    batches = iter([asked[first : first + TILE] for first in range(0, len(asked), TILE)])

    def lane(engine: Engine) -> int:
        return sum(drained(engine, batch) for batch in batches)

    with ThreadPoolExecutor(len(engines)) as pool:
        return sum(pool.map(lane, engines))


def contestants(rows: int) -> dict[str, Callable[[], int]]:
    """Runs that say how many useful tokens they made."""
    settings = TransformerSettings(layers=SHAPE.layers, width=SHAPE.width, heads=SHAPE.heads, context=CONTEXT)
    model, lengths = build_model(settings, SHAPE.vocab), lengths_of(SHAPE.vocab)

    def engine(of: Ending | Endless, lanes: int | None = None) -> Engine:
        return Engine(of, Silent(), [SAMPLER], lanes=lanes)

    ending, endless = engine(Ending(model, lengths)), engine(Endless(model))
    lanes = [engine(Ending(model, lengths), 1) for _ in range(ending.lanes)]
    padding = [engine(Endless(model), 1) for _ in range(ending.lanes)]
    for each in (*lanes, *padding):  # compiled once for all
        each.programs = ending.programs if each in lanes else endless.programs
    few = -(-rows // 8 // TILE) * TILE
    useful = sum(int(lengths[request.tokens[0]]) for request in requests(2 * TILE, MOST))

    def padded() -> int:
        static(padding, requests(2 * TILE, MOST))
        return useful

    return {
        "continuous": lambda: drained(ending, requests(rows, MOST)),
        "static": lambda: static(lanes, requests(few, MOST)),
        "padded": padded,
        "full length": lambda: drained(endless, requests(4 * TILE, SHAPE.new)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--rows", type=int, default=4096, help="prompts of the continuous run; the static one: an eighth"
    )
    parser.add_argument("--runs", type=int, default=3, help="turns, besides one that is not counted")
    parser.add_argument("--quick", action="store_true", help="one turn")
    given = parser.parse_args()
    runs = contestants(given.rows)
    speeds: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(1 + (1 if given.quick else given.runs)):
        for name, run in runs.items():
            began = time.perf_counter()
            tokens = run()
            if turn:  # the first compiles
                speeds[name].append(tokens / (time.perf_counter() - began))
    medians = {name: statistics.median(found) for name, found in speeds.items()}
    lengths = lengths_of(SHAPE.vocab)[2 : 2 + given.rows]
    classes = {"continuous": MOST, "static": MOST, "padded": MOST, "full length": SHAPE.new}
    for name, speed in medians.items():
        line = {
            "name": name,
            "tokens/s": round(speed, 1),
            "of static": round(speed / medians["static"], 2),
            "of full length": round(speed / medians["full length"], 2),
            "capacity class": capacity_class(SHAPE.prompt, classes[name], grows=True),
            "mean length": SHAPE.new if name == "full length" else round(float(lengths.mean()), 1),
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
