"""A row alone, among ten thousand, and with one thread or two: the same bits."""

import hashlib
import os
import random
import subprocess
import sys

import numpy as np
import pytest

from tests.decoding.letters import Letters
from tests.models.ngrams import counted
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.models.families import FAMILIES, build_model
from textgen_core.models.half import halve
from textgen_core.models.seq2seq_settings import Seq2SeqCNNSettings, Seq2SeqRNNSettings, Seq2SeqTransformerSettings
from textgen_core.models.settings import CNNSettings, NgramSettings, RNNSettings, TransformerSettings
from textgen_core.tokenization.interface import SEPARATOR

pytestmark = pytest.mark.slow

VOCAB = 28
SETTINGS = {
    "rnn": RNNSettings(family="rnn", layers=2, units=64, tied=True),
    "cnn": CNNSettings(family="cnn", layers=3, width=64),
    "transformer": TransformerSettings(family="transformer", layers=2, width=64, heads=4, context=256),
    "transformer, half": TransformerSettings(family="transformer", layers=2, width=64, heads=4, context=256),
    "ngram": NgramSettings(order=4),
    "seq2seq-rnn": Seq2SeqRNNSettings(units=64, attention="additive"),
    "seq2seq-cnn": Seq2SeqCNNSettings(layers=2, width=64, context=256),
    "seq2seq-transformer": Seq2SeqTransformerSettings(layers=2, width=64, heads=4, context=256),
}
SAMPLERS = (
    SamplerSettings(strategy="greedy"),
    SamplerSettings(temperature=1.3, top_p=0.95),
    SamplerSettings(strategy="beam", beams=4, n_best=2),
)


def test_every_family_is_here():
    assert {settings.family for settings in SETTINGS.values()} == set(FAMILIES)


def counts():
    """An n-gram of random documents, whose backing off has all orders to do."""
    documents = np.random.default_rng(1).zipf(1.5, (400, 20)) % (VOCAB - 2) + 2
    return counted(documents.tolist(), SETTINGS["ngram"].order, VOCAB)


def engine(family, lanes):
    model = counts() if family == "ngram" else build_model(SETTINGS[family], VOCAB)
    if family != "ngram":
        for weight in model.weights:  # far from uniform, so that rounding has something to change
            weight.assign(np.random.default_rng(1).normal(size=weight.shape) * 0.3)
    if family.endswith("half"):
        halve(model)
    return Engine(model, Letters(VOCAB - 2), SAMPLERS, lanes=lanes, telemetry=True)


def requests(count, lengths=(0, 3, 15, 16, 40, 62, 63, 64, 130), budgets=(1, 2, 17)):
    draw = random.Random(3)
    for number in range(count):
        prompt = [1, *(draw.randrange(2, VOCAB) for _ in range(draw.choice(lengths)))]
        if number % 2 and len(prompt) > 1:
            prompt[draw.randrange(1, len(prompt))] = SEPARATOR
        for sampler in SAMPLERS:
            yield Request(str(number), tuple(prompt), sampler, draw.choice(budgets), seed=2)


def answers(engine, asked):
    return {
        (c.request.key, str(c.request.sampler), c.sample_index): (c.tokens, c.logprobs, c.finish_reason, c.telemetry)
        for c in engine.run(asked)
    }


@pytest.mark.parametrize("family", SETTINGS)
def test_among_ten_thousand(family):
    every = list(requests(10_000 // len(SAMPLERS) + 1))
    asked = engine(family, lanes=2)
    among = answers(asked, every)
    assert len(among) > 10_000
    for request in random.Random(4).sample(every, 25):
        alone = answers(asked, [request])
        assert alone and alone.items() <= among.items()


def digest(family, lanes):
    """Of few shapes: each process compiles all of them."""
    found = sorted(answers(engine(family, lanes), requests(60, lengths=(3, 40, 130), budgets=(2, 17))).items())
    return hashlib.sha256(repr(found).encode()).hexdigest()


PROGRAM = """
import sys
import tensorflow as tf
tf.config.threading.set_intra_op_parallelism_threads(int(sys.argv[1]))
tf.config.threading.set_inter_op_parallelism_threads(int(sys.argv[1]))
from tests.decoding.test_alone import digest
print(digest(sys.argv[2], int(sys.argv[3])))
"""


@pytest.mark.timeout(900)
@pytest.mark.parametrize("family", SETTINGS)
def test_with_one_thread_or_two(family):
    """Threads are set once in a process."""
    said = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM, threads, family, lanes],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        ).stdout
        for threads, lanes in [("1", "1"), ("2", "1"), ("2", "2")]
    ]
    assert len(said[0].strip()) == 64
    assert len(set(said)) == 1
