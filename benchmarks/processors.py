"""What each processor adds to a decoding step, beside a plain sampling step: no model, only the choice of tokens.

    python -m benchmarks processors [--vocab 8192] [--context 128]

Prints one JSON object a processor: milliseconds a step of 128 rows, and the ratio to plain sampling in the same run.
Medians; each is timed in turn, again and again, so that what else the machine does falls on all alike.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from textgen_core.decoding.processing import Processing, processors_of
from textgen_core.decoding.request import Request
from textgen_core.decoding.sampling import Sampling, features_of
from textgen_core.decoding.settings import TILE, SamplerSettings
from textgen_core.decoding.states import Rows
from textgen_core.decoding.vocabulary import Vocabulary
from textgen_core.models.backend import compiled
from textgen_core.tokenization.byte import ByteTokenizer

STEPS = 64
SAMPLERS = {
    "plain": SamplerSettings(),
    "logit_bias": SamplerSettings(logit_bias={"a": 1.0}),
    "repetition_penalty": SamplerSettings(repetition_penalty=1.1),
    "frequency_penalty": SamplerSettings(frequency_penalty=0.1),
    "presence_penalty": SamplerSettings(presence_penalty=0.1),
    "dry_multiplier": SamplerSettings(dry_multiplier=0.8),
    "no_repeat_ngram": SamplerSettings(no_repeat_ngram=4),
    "banned_phrases": SamplerSettings(banned_phrases=("never", "say this", "x")),
    "min_new_tokens": SamplerSettings(min_new_tokens=10),
    "top_k, for comparison": SamplerSettings(top_k=40),
    "top_p, for comparison": SamplerSettings(top_p=0.9),
}


def runner(sampler: SamplerSettings, vocab: int, context: int) -> Callable[[], float]:
    """A function that decodes STEPS tokens a row and says how many milliseconds a step took."""
    vocabulary = Vocabulary(ByteTokenizer(kind="byte"), vocab)
    draw = np.random.default_rng(0)
    prompts = draw.integers(2, vocab, (TILE, context - STEPS - 1))
    requests = [Request(str(n), (1, *prompt.tolist()), sampler, STEPS + 1) for n, prompt in enumerate(prompts)]
    processing = Processing.of(requests[0], processors_of(sampler), context, vocabulary)
    sampling = Sampling(tuple(sorted(features_of(sampler) - set(processing.names))), processing)
    logits = draw.normal(size=(TILE, vocab)).astype(np.float32) * 2
    logits[:, 1] = -1e9
    carry = {**sampling.fresh(requests, vocabulary), "logits": logits, "state": ()}

    def step(tokens: Any, state: Rows) -> tuple[Any, Rows]:
        return logits, state

    program = compiled(lambda carry: sampling.advance(step, carry, STEPS, {}))

    def run() -> float:
        began = time.perf_counter()
        assert int(np.asarray(program(carry)[1]["gained"]).min()) == STEPS
        return (time.perf_counter() - began) / STEPS * 1000

    run()
    return run


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--vocab", type=int, default=8192, help="tokens that the model knows")
    arguments.add_argument("--context", type=int, default=128, help="tokens of prompt and continuation")
    arguments.add_argument("--runs", type=int, default=15, help="runs of which the median is told")
    given = arguments.parse_args()
    runners = {name: runner(sampler, given.vocab, given.context) for name, sampler in SAMPLERS.items()}
    times: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(given.runs):
        for name, run in runners.items():
            times[name].append(run())
    plain = statistics.median(times["plain"])
    for name, taken in times.items():
        median = statistics.median(taken)
        print(json.dumps({"step": name, "ms": round(median, 3), "of plain": round(median / plain, 2)}), flush=True)


if __name__ == "__main__":
    main()
