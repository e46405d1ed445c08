"""A row's completion depends on the row alone."""

import random
from itertools import cycle, islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decoding.constraints.vocabularies import compiled
from tests.decoding.letters import Letters, markov
from tests.decoding.samplers import EVERY, MANY, PROCESSED, SAMPLERS
from tests.models.ngrams import counted
from textgen_core.decoding import engine as engine_module
from textgen_core.decoding import supply as supply_module
from textgen_core.decoding.constraints.bank import Bank
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import TILE
from textgen_core.models.families import build_model
from textgen_core.models.settings import CNNSettings, RNNSettings, TransformerSettings

VOCAB = 12
MODELS = {
    "markov": lambda: markov(VOCAB),
    "rnn": lambda: build_model(RNNSettings(family="rnn", layers=1, units=32), VOCAB),
    "cnn": lambda: build_model(CNNSettings(family="cnn", layers=3, width=32, dilation_cycle=2), VOCAB),
    "transformer": lambda: build_model(
        TransformerSettings(family="transformer", layers=1, width=32, heads=2, context=128), VOCAB
    ),
    "long": lambda: build_model(
        TransformerSettings(family="transformer", layers=1, width=32, heads=2, context=512), VOCAB
    ),
    "ngram": lambda: counted(np.random.default_rng(0).integers(2, VOCAB, (60, 9)).tolist(), 4, VOCAB),
}


FEW = (("greedy", "cold", "plain", "all", "beam", "distinct"), (1, 2, 15, 16, 49, 50), (1, 2, 15))
ALL = (tuple(MANY), (1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 90), (1, 2, 15, 16, 17, 31))
CLASSES = (
    ("greedy", "plain", "all", "beam", "tired"),
    (1, 33, 62, 63, 64, 127, 128, 129, 255, 256, 257, 480),
    (1, 2, 31),
)
PROCESSING = ((*PROCESSED, "plain"), (1, 2, 49, 50), (15,))
SINGLY = (("tired", "dry", "new", "loops", "plain"), *PROCESSING[1:])
"""Samplers, prompt lengths and budgets: at the borders of two capacity classes, of every shape there is, of all the
classes of a context of 512, or with processors. Singly: without beams, whose programs take long to compile."""
LETTERS = Letters(VOCAB - 2)
RULE = compiled("regex", "([a-e]{2,4}[f-j])*", LETTERS)


def requests_of(count, choices, seed=0):
    samplers, lengths, budgets = choices
    draw = random.Random(seed)
    for number in range(count):
        tokens = (1, *(draw.randrange(2, VOCAB) for _ in range(draw.choice(lengths) - 1)))
        budget = draw.choice(budgets)
        stop = draw.choice([(), (), ("ab",), ("jj", "c")])
        for sampler in map(EVERY.__getitem__, samplers):
            ruled = choices in (PROCESSING, SINGLY) and number % 3 == 0 and not stop and not sampler.loop_length
            for index in range(3 if sampler.draws else 1):
                rule = RULE if ruled and not sampler.min_new_tokens else None
                yield Request(f"seed {number}", tokens, sampler, budget, index, stop, seed=5, constraint=rule)


def answers(engine, requests):
    """Everything about every completion, by what was asked."""
    found = {}
    for completion in engine.run(requests):
        asked = completion.request
        key = asked.key, str(asked.sampler), asked.sample_index, completion.sample_index
        assert key not in found
        said = completion.tokens, completion.text, completion.finish_reason, completion.last
        found[key] = *said, completion.logprob, completion.logprobs, completion.telemetry
    return found


def in_shards(requests, sizes):
    """The requests cut into runs of these sizes, again and again."""
    requests, sizes = iter(requests), cycle(sizes)
    while shard := list(islice(requests, next(sizes))):
        yield shard


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(("transformer", FEW), id="transformer"),
        pytest.param(("markov", SINGLY), id="markov with processors"),
        pytest.param(("markov", FEW), id="markov", marks=pytest.mark.slow),
        pytest.param(("markov", PROCESSING), id="markov with all processors", marks=pytest.mark.slow),
        pytest.param(("transformer", PROCESSING), id="transformer with processors", marks=pytest.mark.slow),
        pytest.param(("long", CLASSES), id="transformer in all classes", marks=pytest.mark.slow),
        *(
            pytest.param((name, ALL), id=f"{name} in all shapes", marks=pytest.mark.slow)
            for name in ("markov", "rnn", "cnn", "transformer", "ngram")
        ),
        pytest.param(("ngram", PROCESSING), id="ngram with processors", marks=pytest.mark.slow),
    ],
)
def scene(request):
    """A model's engines by chunk (programs are compiled once), its requests and the answers of a plain run."""
    name, choices = request.param
    model = MODELS[name]()
    for weight in model.trainable_weights:  # far from uniform, so that rounding has something to change
        weight.assign(np.random.default_rng(1).normal(size=weight.shape) * 0.5)
    samplers = [EVERY[name] for name in choices[0]]
    processed = choices in (PROCESSING, SINGLY)
    bank = Bank(VOCAB, [RULE], of_rows=False) if processed else None
    told = {"telemetry": choices is not FEW, "alternatives": 2 * (choices is not FEW)}
    chunks = (16,) if choices is SINGLY else (16, 5)  # processors take long to compile anew
    engines = {chunk: Engine(model, LETTERS, samplers, lanes=1, chunk=chunk, bank=bank, **told) for chunk in chunks}
    requests = list(requests_of(12 if processed else 30, choices))
    return engines, requests, answers(engines[16], requests), choices


def test_every_request_is_answered(scene):
    _, requests, plain, choices = scene
    assert {(r.key, str(r.sampler), r.sample_index) for r in requests} == {key[:3] for key in plain}
    speechless = {str(EVERY[name]) for name in ("new beam", "new distinct")}  # all that is left would repeat
    reasons = {answer[2] for key, answer in plain.items() if key[1] not in speechless or answer[2] != "error"}
    assert reasons - {"loop"} == {"end", "stop", "length"}
    assert "loop" not in reasons or "loops" in choices[0]
    for tokens, text, reason, _, logprob, *_ in plain.values():
        assert len(tokens) <= 31
        assert logprob < 0 or not tokens
        assert len(text) <= len(tokens)
        assert reason != "length" or len(text) == len(tokens)


@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_same_answers_whatever_the_order_lanes_chunks_shards_and_neighbours(scene, data):
    """Eight lanes: 1,024 slots; shards of a tile at most are static batching: one is empty before the next begins."""
    engines, requests, plain, choices = scene
    engine = engines[data.draw(st.sampled_from(list(engines)), "chunk")]
    engine.lanes = data.draw(st.sampled_from([1, 2, 3, 8]), "lanes")
    shuffled = list(requests)
    random.Random(data.draw(st.integers(0, 99), "order")).shuffle(shuffled)
    some = shuffled[: data.draw(st.sampled_from([1, 5, 40, len(requests)]), "count")]
    others = [] if data.draw(st.booleans(), "alone") else list(requests_of(8, choices, seed=77))
    strangers = [Request("other " + r.key, r.tokens, r.sampler, r.max_new_tokens, r.sample_index) for r in others]
    sizes = data.draw(st.sampled_from([[10_000], [TILE], [1, 40, 200], [7, TILE, TILE + 1]]), "shards")
    if len(some) > 40 and min(sizes) < TILE:  # each run costs its tiles, however empty
        sizes = [size + TILE for size in sizes]
    found = {}
    for shard in in_shards([*strangers, *some], sizes):
        found |= answers(engine, shard)
    for request in some:
        for key in plain:
            if key[:3] == (request.key, str(request.sampler), request.sample_index):
                assert found[key] == plain[key]


def test_a_small_window_and_prompts_prefilled_again_change_nothing(scene, monkeypatch):
    engines, requests, plain, _ = scene
    monkeypatch.setattr(engine_module, "MOST_OF_A_PROMPT", 2)
    monkeypatch.setattr(supply_module, "WINDOW", 3)
    engines[16].lanes = 2
    assert answers(engines[16], requests) == plain


def test_samples_of_one_seed_differ_and_do_not_depend_on_how_many_there_are(scene):
    engines, *_ = scene
    few, many = (
        answers(engines[16], [Request("s", (1, 2), SAMPLERS["plain"], 12, i) for i in range(n)]) for n in (3, 200)
    )
    assert few.items() <= many.items()
    assert len({answer[0] for answer in many.values()}) > 100
