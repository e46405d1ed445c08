"""Whether detokenising and writing hold up a lane: a job with its texts and files beside the engine alone.

    python -m benchmarks lanes [--runs 5]

A Transformer of 6 layers of 384, whose programs are nearly all of the work, and a recurrent model of 16 units, whose
programs are nearly none of it. Both write bytes at random, so that there is much to decode. Alone, the engine makes
neither texts nor files. Everything is compiled before. Prints a JSON object a model and way: tokens a second, and of
the lanes' time the share inside of programs; what is missing there, lanes did themselves or waited for.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks._models import Silent, directory
from textgen_core.datasets.columns import extended
from textgen_core.datasets.schemas import GENERATIONS
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.lane import Lane
from textgen_core.decoding.programs import Program
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.generation.job import Job
from textgen_core.generation.plan import Plan, Planned
from textgen_core.generation.seeds import passing_columns, read_seeds
from textgen_core.generation.settings import GenerationSettings
from textgen_core.generation.survey import survey
from textgen_core.models.directory import load_model
from textgen_core.models.settings import RNNSettings, TransformerSettings
from textgen_core.progress import silent
from textgen_core.tokenization.tokenizers import load_tokenizer

SHAPES: dict[str, tuple[RNNSettings | TransformerSettings, int]] = {
    "transformer 6 x 384": (TransformerSettings(layers=6, width=384, heads=6, context=128), 256),
    "lstm 1 x 16": (RNNSettings(units=16), 8192),
}
"""Architectures, and seeds that make a turn of some seconds."""


class Watch:
    """Seconds that lanes lived since the last ``reset``, and seconds of them inside of programs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        self.lived = self.inside = 0.0

    def add(self, **seconds: float) -> None:
        with self._lock:
            self.lived += seconds.get("lived", 0.0)
            self.inside += seconds.get("inside", 0.0)


@contextmanager
def watched() -> Iterator[Watch]:
    """A watch that programs and lanes tell what they do."""
    watch, call, run = Watch(), Program.__call__, Lane.run

    def timed_call(self: Program, *arguments: Any) -> Any:
        began = time.perf_counter()
        result = call(self, *arguments)
        watch.add(inside=time.perf_counter() - began)
        return result

    def timed_run(self: Lane) -> None:
        began = time.perf_counter()
        run(self)
        watch.add(lived=time.perf_counter() - began)

    Program.__call__, Lane.run = timed_call, timed_run  # type: ignore[method-assign]
    try:
        yield watch
    finally:
        Program.__call__, Lane.run = call, run  # type: ignore[method-assign]


def ways(settings: GenerationSettings) -> dict[str, Callable[[Path], int]]:
    """Each continues all seeds, may write into a folder of its own, and returns the new tokens."""
    model, tokenizer = load_model(settings.model), load_tokenizer(settings.model)
    found = survey(settings.seeds, settings)
    plan = Plan(settings, tokenizer, model.max_context, "model")
    schema = extended(GENERATIONS, passing_columns(found, settings), str(settings.seeds))
    samplers = list(settings.samplers.values())
    bare, whole = Engine(model, Silent(), samplers), Engine(model, tokenizer, samplers)

    def alone(folder: Path) -> int:
        planned = plan.of(list(read_seeds(settings.seeds, found, settings)))
        requests = (request for seed in planned if isinstance(seed, Planned) for request in seed.requests)
        return sum(len(completion.tokens) for completion in bare.run(requests))

    def with_texts_and_files(folder: Path) -> int:
        job = Job(plan, schema, settings, str(settings.seeds), folder, silent)
        job.run(read_seeds(settings.seeds, found, settings), found.rows, whole)
        return job.tokens

    return {"alone": alone, "with texts and files": with_texts_and_files}


def measured(settings: GenerationSettings, runs: int, watch: Watch) -> Iterator[dict[str, Any]]:
    """A line for each way, after so many turns and one that is not counted."""
    contestants = ways(settings)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
    for turn in range(runs + 1):
        for name, run in contestants.items():
            with tempfile.TemporaryDirectory() as folder:
                watch.reset()
                began = time.perf_counter()
                tokens = run(Path(folder))
                speed = tokens / (time.perf_counter() - began)
            if turn:
                found[name].append((speed, watch.inside / watch.lived))
    first = statistics.median(speed for speed, _ in found["alone"])
    for name, turns in found.items():
        speed, share = map(statistics.median, zip(*turns, strict=True))
        yield {
            "way": name,
            "tokens/s": round(speed),
            "of alone": round(speed / first, 3),
            "in programs": round(share, 3),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="turns, besides one that is not counted")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, watched() as watch:
        for number, (shape, (architecture, rows)) in enumerate(SHAPES.items()):
            seeds = Path(name) / f"seeds-{number}.txt"
            seeds.write_text("".join(f"the number {row:04}\n" for row in range(rows)), "utf-8")
            settings = GenerationSettings(
                model=directory(Path(name) / f"model-{number}", architecture),
                seeds=seeds,
                output=Path(name) / "out",
                samplers={"sample": SamplerSettings()},
                max_new_tokens=100,
            )
            for line in measured(settings, given.runs, watch):
                print(json.dumps({"model": shape, **line}), flush=True)


if __name__ == "__main__":
    main()
