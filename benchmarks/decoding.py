"""Tokens a second of the engine, beside a plain Keras loop that predicts on a window for every token.

    python -m benchmarks decoding [--rows 256] [--quick]

Prints one JSON object a line: model, method, lanes, tokens, seconds, tokens a second, share of compiling, and the
ratio to the plain loop on the same weights in the same run. Medians of several runs; the first, which compiles, is told
apart.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterator

import numpy as np

from benchmarks._models import Endless, Silent
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import TILE, SamplerSettings
from textgen_core.models.families import build_model
from textgen_core.models.interface import LanguageModel
from textgen_core.models.settings import RNNSettings, TransformerSettings

PROMPT, NEW = 16, 112

SHAPES = {
    "transformer 6 x 384, vocabulary 8192": (
        TransformerSettings(family="transformer", layers=6, width=384, heads=6, context=PROMPT + NEW),
        8192,
    ),
    "char lstm 2 x 512, vocabulary 96": (RNNSettings(family="rnn", layers=2, units=512), 96),
}
SAMPLERS = {
    "sample": SamplerSettings(temperature=0.8),
    "greedy": SamplerSettings(strategy="greedy"),
    "top-k": SamplerSettings(temperature=0.8, top_k=40),
    "top-p": SamplerSettings(temperature=0.8, top_p=0.9),
    "beam": SamplerSettings(strategy="beam", beams=4),
}


def requests_of(rows: int, vocab: int, sampler: SamplerSettings) -> Iterator[Request]:
    draw = np.random.default_rng(0)
    for row in range(rows):
        yield Request(str(row), tuple(draw.integers(2, vocab, PROMPT).tolist()), sampler, NEW)


def engine_run(engine: Engine, rows: int, vocab: int, sampler: SamplerSettings) -> tuple[int, float]:
    began = time.monotonic()
    tokens = sum(len(completion.tokens) for completion in engine.run(requests_of(rows, vocab, sampler)))
    return tokens, time.monotonic() - began


def plain_run(model: LanguageModel, rows: int, vocab: int, steps: int) -> tuple[int, float]:
    """The tutorial way: the whole window through predict_on_batch for every token, then a draw in NumPy."""
    draw = np.random.default_rng(0)
    window = np.zeros((rows, PROMPT + NEW), np.int32)
    window[:, :PROMPT] = draw.integers(2, vocab, (rows, PROMPT))
    model.predict_on_batch(window)
    began = time.monotonic()
    for here in range(PROMPT, PROMPT + steps):
        logits = np.asarray(model.predict_on_batch(window)[:, here - 1], np.float64) / 0.8
        running = np.cumsum(np.exp(logits - logits.max(axis=1, keepdims=True)), axis=1)
        token = (running < draw.random((rows, 1)) * running[:, -1:]).sum(axis=1)
        window[:, here : here + 1] = token[:, None]
    return rows * steps, time.monotonic() - began


def measure(name: str, rows: int, runs: int, plain_steps: int) -> Iterator[dict[str, object]]:
    settings, vocab = SHAPES[name]
    model = build_model(settings, vocab)
    tokens, seconds = plain_run(model, TILE, vocab, plain_steps)
    plain = tokens / seconds
    yield {"model": name, "method": "keras predict on a window", "tokens": tokens, "tokens/s": round(plain, 1)}
    for method, sampler in SAMPLERS.items():
        count = rows // sampler.beams if sampler.strategy == "beam" else rows  # as many rows of tiles as the others
        engine = Engine(Endless(model), Silent(), [sampler], lanes=1)
        for lanes in (1, 2):
            engine.lanes = lanes
            began = time.monotonic()
            compiled_before = engine.programs.compile_seconds
            engine_run(engine, count, vocab, sampler)
            first, compiling = time.monotonic() - began, engine.programs.compile_seconds - compiled_before
            results = [engine_run(engine, count, vocab, sampler) for _ in range(runs)]
            speed = statistics.median(tokens / seconds for tokens, seconds in results)
            yield {
                "model": name,
                "method": method,
                "lanes": lanes,
                "tokens": results[0][0],
                "tokens/s": round(speed, 1),
                "of plain": round(speed / plain, 2),
                "first run, seconds": round(first, 1),
                "of which compiling": round(compiling / first, 2),
                "programs": engine.programs.count,
            }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rows", type=int, default=256, help="prompts to continue")
    arguments.add_argument("--runs", type=int, default=3, help="runs of which the median is told")
    arguments.add_argument("--model", default="", help="only models whose name contains this")
    arguments.add_argument("--quick", action="store_true", help="one run, and fewer steps of the plain loop")
    given = arguments.parse_args()
    for name in (name for name in SHAPES if given.model in name):
        for result in measure(name, given.rows, 1 if given.quick else given.runs, 8 if given.quick else NEW):
            print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
