"""How fast the presets' models train and decode: the figures that ``textgen models`` shows.

    python -m benchmarks families [--presets tiny demo small] [--vocabularies 100 8192]

Tokens a second, all rows together: of training, by the median of steps of the preset's own batches, evaluations left
out; of decoding, by sampling from 256 prompts of 16 tokens with two lanes, compiling left out. An n-gram is counted,
and continues, tinyshakespeare's characters, which are looked for in $TEXTGEN_DATA. An encoder-decoder learns from pairs
whose sides are as long as its window, both of them counted, and writes with prompts as sources. Prints one JSON object
a line.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._corpora import DATA, characters_of, streams_of
from benchmarks._models import Endless, Silent
from benchmarks.decoding import PROMPT
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.models.directory import put_weights
from textgen_core.models.families import FAMILIES, build_model
from textgen_core.models.interface import LanguageModel
from textgen_core.models.settings import NgramSettings
from textgen_core.tokenization.interface import END, PAD
from textgen_core.training.ngrams.kneser_ney import smoothed
from textgen_core.training.ngrams.levels import count_levels
from textgen_core.training.ngrams.tables import tables_of
from textgen_core.training.schedule import WarmupCosine
from textgen_core.training.settings import TrainingOptions
from textgen_core.training.trainer import Data, make_batches, make_learner

CHARACTERS, SUBWORDS = 100, 8_192
ROWS, NEW, RUNS = 256, 112, 3
STEPS, SECONDS = 5, 5.0
"""Steps of training at least, and for how long at least."""


def trained(options: TrainingOptions, vocab_size: int) -> tuple[LanguageModel, float]:
    """A model of random weights that has made some steps, and the tokens a second of these."""
    ids = np.random.default_rng(0).integers(2, vocab_size, 100_000).astype(np.uint16)
    if options.reads_source:
        ids[options.window - 1 :: 2 * options.window] = PAD
        ids[2 * options.window - 1 :: 2 * options.window] = ids[-1] = END
    data = Data(ids, ids, vocab_size, {}, pairs=options.reads_source)
    learner = make_learner(options, data, WarmupCosine(1e-3, 0, 1000, 1.0), "float32")
    learner.make_train_function()
    batches, taken = make_batches(options, learner.model, ids), []
    while len(taken) <= STEPS or sum(taken[1:]) < SECONDS:
        began = time.perf_counter()
        float(learner.train_function(iter([tuple(batches[len(taken)])]))["loss"])
        taken.append(time.perf_counter() - began)
    return learner.model, batches.tokens / statistics.median(taken[1:])


def counted(settings: NgramSettings, vocab_size: int, stream: np.ndarray) -> tuple[LanguageModel, float]:
    """An n-gram of the stream, and the tokens a second that were counted."""
    began = time.perf_counter()
    levels = count_levels(stream, vocab_size, settings.order)
    model = build_model(settings, vocab_size)
    put_weights(model, tables_of(levels, smoothed(levels, vocab_size), vocab_size))
    return model, len(stream) / (time.perf_counter() - began)


def decoded(model: LanguageModel, stream: np.ndarray, sampler: SamplerSettings) -> float:
    """Tokens a second of the engine, the median of some runs; the first one compiles."""
    engine = Engine(Endless(model), Silent(), [sampler], lanes=2)
    new = min(NEW, (model.max_context or PROMPT + NEW) - PROMPT)
    starts = np.linspace(0, len(stream) - PROMPT, ROWS).astype(int)
    prompts = [tuple(stream[start : start + PROMPT].tolist()) for start in starts]
    speeds = []
    for _ in range(RUNS + 1):
        began = time.monotonic()
        requests = (Request(str(row), prompt, sampler, new) for row, prompt in enumerate(prompts))
        tokens = sum(len(completion.tokens) for completion in engine.run(requests))
        speeds.append(tokens / (time.monotonic() - began))
    return statistics.median(speeds[1:])


def measured(preset: str, family: str, vocab_size: int, text: np.ndarray) -> dict[str, Any]:
    options = TrainingOptions.model_validate({"preset": preset, "model": {"family": family}})
    if isinstance(options.model, NgramSettings):
        stream = text
        model, training = counted(options.model, vocab_size, text)
    else:
        stream = np.random.default_rng(1).integers(2, vocab_size, 100_000)
        model, training = trained(options, vocab_size)
    decoding = decoded(model, stream, SamplerSettings(temperature=0.8))
    names = {"family": family, "preset": preset, "vocabulary": vocab_size}
    return {**names, "model": options.model.label, "training": round(training), "decoding": round(decoding)}


def cases(families: list[str], presets: list[str], vocabularies: list[int]) -> Iterator[tuple[str, str, int]]:
    """An n-gram's speed is that of real text, and so of characters only."""
    for family in families:
        for preset in presets:
            for vocab_size in [CHARACTERS] if family == "ngram" else vocabularies:
                yield preset, family, vocab_size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=list(FAMILIES))
    parser.add_argument("--presets", nargs="+", default=["tiny", "demo", "small"])
    parser.add_argument("--vocabularies", nargs="+", type=int, default=[CHARACTERS, SUBWORDS])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        tokens = characters_of(DATA / "tinyshakespeare.txt", folder)
        text = streams_of(tokens, folder)["train"]
        for case in cases(arguments.families, arguments.presets, arguments.vocabularies):
            print(json.dumps(measured(*case, text)), flush=True)


if __name__ == "__main__":
    main()
