"""Stochastic beams against all continuations there are: by the same noise, and by the distribution of what is drawn."""

import itertools
from collections import Counter

import numpy as np
import pytest
from keras import ops

from tests.decoding import exact
from tests.decoding.letters import Letters, markov
from textgen_core.decoding import stochastic_beam
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.hypotheses import Hypotheses
from textgen_core.decoding.noise import gumbels, keys_of, row_key
from textgen_core.decoding.perturbing import with_maximum
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.decoding.toys import UniformModel

END, PAD = 1, 0
START = (END, 2)


TREE = markov(4, seed=5, spread=1.0)
"""Two letters, of which at most two are said: seven continuations, of one to two tokens."""


def sampler_of(**knobs):
    return SamplerSettings(strategy="stochastic_beam", **knobs)


def engine_of(model, samplers):
    return Engine(model, Letters(model.vocab_size - 2), samplers, lanes=1)


def drawn(engine, samplers, budget, count):
    """What each sampler gives to each of count requests: the continuations, END included, in their order."""
    found = [[[] for _ in range(count)] for _ in samplers]
    requests = (
        Request(str(number), START, sampler, budget, seed=7, tag=(place, number))
        for number in range(count)
        for place, sampler in enumerate(samplers)
    )
    for c in engine.run(requests):
        place, number = c.request.tag
        assert c.sample_index == len(found[place][number])
        found[place][number].append((*c.tokens, END) if c.finish_reason == "end" else c.tokens)
    return found


def next_of(model, knobs):
    """(two tokens) -> the probabilities [vocab] that sampling with these knobs would draw from."""
    table = model._table.reshape((model.vocab_size,) * 3)
    return lambda a, b: exact.distribution(table[a, b], knobs)


def leaves_of(model, budget, knobs=()):
    """Every continuation that can be drawn, and its log-probability."""
    following, running, over = next_of(model, dict(knobs)), {(): 0.0}, {}
    for _ in range(budget):
        grown = {}
        for path, likelihood in running.items():
            p = following(*(*START, *path)[-2:])
            for token in np.flatnonzero(p):
                (over if token == END else grown)[(*path, int(token))] = likelihood + np.log(p[token])
        running = grown
    return over | running


def all_perturbed(model, budget, knobs, key):
    """Every continuation and its perturbed log-probability, the noise of which is that of the engine: in float64, from
    the top of the tree to its leaves, and by the definition of a truncated Gumbel."""
    following, running, over = next_of(model, knobs), {(): (0.0, 0.0)}, {}
    keys = key[None]
    for _ in range(budget):
        grown, names, noise = {}, [], np.float64(gumbels(keys, model.vocab_size))
        for row, (path, (likelihood, highest)) in enumerate(running.items()):
            with np.errstate(divide="ignore"):
                likelihoods = likelihood + np.log(following(*(*START, *path)[-2:]))
            noisy = likelihoods + noise[row]
            noisy = -np.log(np.exp(-highest) - np.exp(-noisy.max()) + np.exp(-noisy))
            for token in np.flatnonzero(np.isfinite(likelihoods)):
                (over if token == END else grown)[(*path, int(token))] = likelihoods[token], noisy[token]
                names += [(row, token)] if token != END else []
        rows, tokens = np.int32(names).T
        keys, running = np.asarray(keys_of(keys[rows], tokens)), grown
    return {path: perturbed for path, (_, perturbed) in (over | running).items()}


KNOBS = [
    {},
    {"temperature": 0.6},
    {"temperature": 2.0, "top_k": 3},
    {"top_p": 0.8, "min_p": 0.05},
    {"typical_p": 0.7, "epsilon_cutoff": 0.02},
]


MODEL = markov(5, seed=3)


@pytest.fixture(scope="module")
def engine():
    """A program for each number of beams, with all knobs in KNOBS."""
    return engine_of(MODEL, [sampler_of(**knobs) for knobs in KNOBS])


def test_gives_the_highest_of_all_by_the_same_noise(engine):
    budget = 4
    found = drawn(engine, [sampler_of(beams=9, **knobs) for knobs in KNOBS], budget, 6)
    for knobs, requests in zip(KNOBS, found, strict=True):
        for number, paths in enumerate(requests):
            perturbed = all_perturbed(MODEL, budget, knobs, row_key(7, str(number), 0))
            assert paths == sorted(perturbed, key=perturbed.get, reverse=True)[:9]


def test_fewer_than_asked_for_where_there_are_no_more(engine):
    knobs = {"top_k": 2}
    leaves = leaves_of(MODEL, 2, knobs)
    assert len(leaves) < 9
    for paths in drawn(engine, [sampler_of(beams=9, **knobs)], 2, 8)[0]:
        assert sorted(paths) == sorted(leaves)


def without_replacement(leaves, count):
    """The probability of every ordered choice of count leaves, one after another among those that are left."""
    found = {}
    for paths in itertools.permutations(leaves, count):
        p, left = 1.0, 1.0
        for path in paths:
            p *= np.exp(leaves[path]) / left
            left -= np.exp(leaves[path])
        found[paths] = p
    return found


def misfit(sampler, knobs=(), count=4000):
    expected = without_replacement(leaves_of(TREE, 2, knobs), sampler.beams)
    counts = Counter(map(tuple, drawn(engine_of(TREE, [sampler]), [sampler], 2, count)[0]))
    if not counts.keys() <= expected.keys():
        return np.inf
    return exact.misfit(np.array([counts[paths] for paths in expected]), np.array(list(expected.values())))


@pytest.mark.parametrize(
    ("beams", "knobs"),
    [
        pytest.param(3, {"temperature": 2.0, "top_k": 2}, id="changed"),
        pytest.param(2, {}, id="the model's", marks=pytest.mark.slow),
    ],
)
def test_draws_without_replacement(beams, knobs):
    assert abs(misfit(sampler_of(beams=beams, **knobs), knobs)) < 4


def finished_dropped(hypotheses, scores, best=Hypotheses.best):
    return best(hypotheses, ops.where(ops.arange(scores.shape[1])[None, :] == PAD, -np.inf, scores))


MUTANTS = {
    "noise that does not heed what the beginning has": (stochastic_beam, "with_maximum", lambda noisy, maximum: noisy),
    "noise moved to what the beginning has": (
        stochastic_beam,
        "with_maximum",
        lambda noisy, maximum: noisy + (maximum - ops.max(noisy, axis=1))[:, None],
    ),
    "the same noise at every step": (stochastic_beam, "keys_of", lambda keys, tokens: keys),
    "the same noise for all that is as long": (
        stochastic_beam,
        "keys_of",
        lambda keys, tokens: keys_of(keys, ops.zeros_like(tokens)),
    ),
    "temperature ignored": (stochastic_beam, "truncated", lambda logprobs, knobs, features: logprobs),
    "finished ones dropped": (Hypotheses, "best", finished_dropped),
}


@pytest.mark.slow  # it tests the tests: their power does not change with the code
@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)
def test_a_mutant_is_noticed(mutant, monkeypatch):
    monkeypatch.setattr(*mutant)
    assert misfit(sampler_of(beams=2, temperature=2.0), {"temperature": 2.0}) > 10


def test_no_two_are_the_same_and_more_beams_only_add_some(engine):
    few, many = drawn(engine, [sampler_of(beams=beams, temperature=1.5) for beams in (9, 32)], 16, 20)
    for some, more in zip(few, many, strict=True):
        assert len(set(more)) == 32 and more[:9] == some


def test_where_it_can_not_go_on_is_an_error_and_counts():
    sampler = sampler_of(beams=8, banned_phrases=("ab", "ac"), no_repeat_ngram=1, min_new_tokens=9)
    engine = Engine(UniformModel(5), Letters(3), [sampler], lanes=1)
    found = list(engine.run([Request("s", (END, 3), sampler, 9)]))
    assert {(c.text, c.finish_reason) for c in found} == {("a", "error"), ("ca", "error")}


@pytest.mark.parametrize("maximum", [-700.0, -3.0, 0.0, 2.0])
def test_noise_on_condition_of_its_maximum(maximum):
    """Against the definition in float64; far apart, nearly equal, and with tokens that can't be."""
    rows = np.float32([[-3, -0.5, -9, -np.inf], [-80, -80.00001, -300, -79.99], [-np.inf, -5, -np.inf, -np.inf]])
    found = np.asarray(with_maximum(rows, np.full(3, maximum, np.float32)))
    wide = np.float64(rows)
    highest = wide.max(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        tail = np.logaddexp(0, maximum - wide + np.log(-np.expm1(wide - highest)))
    np.testing.assert_allclose(found, np.where(wide > -np.inf, maximum - tail, -np.inf), rtol=1e-4, atol=1e-4)
    assert (found.max(axis=1) == np.float32(maximum)).all()
    assert (found[np.arange(3), rows.argmax(axis=1)] == np.float32(maximum)).all()
