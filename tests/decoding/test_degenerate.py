"""Models that allow one token, none, or give logits that are no numbers; and whose log-probabilities are told."""

from itertools import pairwise

import numpy as np
import pytest

from tests.decoding import samplers
from tests.decoding.letters import Exchangeable, Letters, markov
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Request
from textgen_core.decoding.toys import MarkovModel, UniformModel

VOCAB = 6
SAMPLERS = {name: own for name, own in samplers.SAMPLERS.items() if name != "wide"}
"""Of two widths of a beam one."""


@pytest.fixture(scope="module")
def shown():
    """A model whose table is exchanged, and its engine: programs are compiled once."""
    model = Exchangeable(VOCAB)
    return model, Engine(model, Letters(VOCAB - 2), SAMPLERS.values())


@pytest.fixture
def run(shown):
    def run(model, requests):
        shown[0].show(model)
        return shown[1].run(requests)

    return run


def every(*prompts):
    """Each prompt continued by each sampler."""
    return [Request("s", p, sampler, 9, tag=name) for p in prompts for name, sampler in SAMPLERS.items()]


def test_no_budget(run):
    requests = [Request("s", (1,), sampler, 0) for sampler in SAMPLERS.values()]
    for completion in run(UniformModel(VOCAB), requests):
        assert (completion.tokens, completion.text, completion.finish_reason) == ((), "", "length")


def test_the_smallest_vocabulary_can_only_end():
    engine = Engine(UniformModel(2), Letters(0), SAMPLERS.values())
    firsts = [completion for completion in engine.run(every((1,))) if not completion.sample_index]
    assert len(firsts) == len(SAMPLERS)
    for first in firsts:
        assert (first.tokens, first.finish_reason) == ((), "end")
        assert first.logprob == pytest.approx(np.log(0.5))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_bad_logits_end_their_row_and_no_other(run, bad):
    table = np.full((6, 6), -5.0)
    table[np.arange(5), np.arange(5) + 1] = 5  # the next letter; after the last, bad
    table[5] = bad
    table[2] = [-np.inf, 0, -np.inf, -np.inf, -np.inf, -np.inf]  # the letter a ends the text
    for found in run(MarkovModel(table), every((1, 2), (1, 3))):
        if found.request.tokens == (1, 2):
            assert found.finish_reason == "end"
        elif found.request.sampler.strategy in ("greedy", "sample"):
            assert (found.tokens, found.finish_reason) == ((4, 5), "error")
            assert np.isfinite(found.logprob)
        else:
            assert found.finish_reason in ("error", "end")


def test_a_model_that_allows_only_pad(run):
    table = np.full((VOCAB, VOCAB), -np.inf)
    table[:, 0] = 0
    (completion,) = run(MarkovModel(table), [Request("s", (1,), SAMPLERS["plain"], 5)])
    assert (completion.tokens, completion.finish_reason) == ((), "error")


def test_pad_is_never_drawn_however_likely(run):
    table = np.zeros((VOCAB, VOCAB))
    table[:, 0] = 9
    for completion in run(
        MarkovModel(table), [Request(str(i), (1,), s, 16) for i in range(20) for s in SAMPLERS.values()]
    ):
        assert 0 not in completion.tokens


def test_the_log_probability_is_the_models_own(run):
    model = markov(VOCAB, order=1)
    table = model._table - np.log(np.exp(model._table).sum(1, keepdims=True))
    for completion in run(model, [Request(str(i), (1, 3), s, 9) for i in range(9) for s in SAMPLERS.values()]):
        path = [3, *completion.tokens, *([1] if completion.finish_reason == "end" else [])]
        expected = sum(table[a, b] for a, b in pairwise(path))
        assert completion.logprob == pytest.approx(expected, rel=1e-5, abs=1e-5)
