"""What a row tells of its choices is what an independent reckoning finds, wherever chunks and tiles end."""

import numpy as np
import pytest

from tests.decoding import exact
from tests.decoding.letters import Letters
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.decoding.telemetry import in_loop
from textgen_core.decoding.toys import MarkovModel
from textgen_core.tokenization.interface import END

VOCAB = 12
TABLE = np.random.default_rng(0).normal(size=(VOCAB, VOCAB)) * 2
"""Logits after each token."""
SAMPLERS = {
    "plain": ({}, SamplerSettings()),
    "few": ({"top_k": 3}, SamplerSettings(top_k=3)),
    "sharp": ({"temperature": 0.5, "top_p": 0.6}, SamplerSettings(temperature=0.5, top_p=0.6)),
    "greedy": (None, SamplerSettings(strategy="greedy")),
}


def completions(chunk=16, telemetry=True, alternatives=3, stop=()):
    engine = Engine(
        MarkovModel(TABLE),
        Letters(VOCAB - 2),
        [sampler for _, sampler in SAMPLERS.values()],
        lanes=1,
        chunk=chunk,
        telemetry=telemetry,
        alternatives=alternatives,
    )
    requests = [
        Request(f"seed {number}", (END, 2 + number % 10), sampler, 20, stop=stop, tag=(name, number))
        for number in range(12)
        for name, (_, sampler) in SAMPLERS.items()
    ]
    return {found.request.tag: found for found in engine.run(requests)}


@pytest.fixture(scope="module")
def found():
    return completions()


def reckoned(completion):
    """Entropy, candidates, mass cut and the three likeliest at every token, in float64 from the model's own table."""
    knobs = SAMPLERS[completion.request.tag[0]][0]
    said = [*completion.request.tokens, *completion.tokens]
    if completion.finish_reason == "end":
        said.append(END)
    for last, token in zip(
        said[len(completion.request.tokens) - 1 :], said[len(completion.request.tokens) :], strict=False
    ):
        logits = TABLE[last].astype(np.float32)
        own = exact.softmax(logits)
        kept = np.arange(VOCAB) == token if knobs is None else exact.distribution(logits, knobs) > 0
        likeliest = np.argsort(-own, kind="stable")[:3]
        yield (
            -(own * np.log(own)).sum(),
            kept.sum(),
            own[~kept].sum(),
            likeliest,
            np.log(own[likeliest]),
            np.log(own[token]),
        )


@pytest.mark.parametrize("name", SAMPLERS)
def test_means_and_alternatives_are_those_of_an_independent_reckoning(found, name):
    for completion in (completion for tag, completion in found.items() if tag[0] == name):
        entropy, candidates, cut, likeliest, logprobs, own = zip(*reckoned(completion), strict=True)
        told = completion.telemetry
        assert told.entropy == pytest.approx(np.mean(entropy), abs=1e-5)
        assert told.candidates == pytest.approx(np.mean(candidates))
        assert told.mass_cut == pytest.approx(np.mean(cut), abs=1e-5)
        assert [[id for id, _ in token] for token in told.alternatives] == np.array(likeliest).tolist()
        assert np.allclose([[value for _, value in token] for token in told.alternatives], logprobs, atol=1e-5)
        assert np.allclose(completion.logprobs, own, atol=1e-5)
        assert sum(completion.logprobs) == pytest.approx(completion.logprob)


def test_what_is_told_does_not_depend_on_where_chunks_end_nor_on_what_comes_after_a_stop(found):
    assert completions(chunk=5) == found
    assert completions(chunk=5, stop=("a", "cd")) == completions(chunk=16, stop=("a", "cd"))


def test_asking_changes_no_text(found):
    plain = completions(telemetry=False, alternatives=0)
    assert all(completion.telemetry is None for completion in plain.values())
    assert {tag: c.tokens for tag, c in plain.items()} == {tag: c.tokens for tag, c in found.items()}


def test_a_loop_is_four_times_the_same_at_the_end():
    assert in_loop([5, 2, 3, 2, 3, 2, 3, 2, 3])
    assert not in_loop([2, 3, 2, 3, 2, 3])
    assert not in_loop([2, 3, 2, 3, 2, 3, 2, 3, 4])
    assert not in_loop([])
