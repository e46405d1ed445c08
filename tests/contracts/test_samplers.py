"""What every truncation and every way to draw must keep. A new one is tested by standing in TRUNCATIONS and STEPS."""

import itertools
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.decoding import exact
from tests.decoding.mutants import MUTANTS
from textgen_core.decoding.choosing import choose
from textgen_core.decoding.settings import TRUNCATED_BY, USED_BY, SamplerSettings
from textgen_core.decoding.truncations import TRUNCATIONS
from textgen_core.models.backend import compiled

ROWS = 20_000
MANY_ROWS = 2 * ROWS
"""What is noticed beyond a misfit of 10 among so many is beyond 4 among half of them."""
VOCAB = 12
rng = np.random.default_rng(1)

LOGITS = {
    "flat": np.linspace(0.2, -0.2, VOCAB),
    "peaked": -np.arange(VOCAB) * 0.9,
    "tied": np.repeat([1.0, 0.5, 0.0, -1.0], VOCAB // 4),
    "random": rng.normal(size=VOCAB) * 2,
    "with zeros": np.where(np.arange(VOCAB) % 3 == 2, -np.inf, rng.normal(size=VOCAB)),
    "far apart": np.array([5, 90, 89, 88.5, 0, -90, 60, 88, -1e30, 85, 87, 86.5]),
}
EXAMPLES = {name: step.example for name, step in exact.STEPS.items()}
KNOBS = {
    "plain": {},
    **{name: {name: example} for name, example in EXAMPLES.items()},
    "hot": {"temperature": 1.8},
    "seldom": {"xtc_threshold": 0.1, "chance": 0.2},
    "some": {"temperature": 1.5, "top_n_sigma": 1.5, "min_p": 0.05, "xtc_threshold": 0.2},
    "all": EXAMPLES,
}


def test_settings_defaults_and_the_order_of_knobs_are_those_of_the_truncations():
    assert list(TRUNCATIONS) == list(TRUNCATED_BY) == list(exact.STEPS) == list(SamplerSettings().steps)
    chances = {name: truncation.chance for name, truncation in TRUNCATIONS.items() if truncation.chance}
    assert {*TRUNCATIONS, *chances.values()} <= set(USED_BY["sample"])
    for name, truncation in TRUNCATIONS.items():
        assert getattr(SamplerSettings(), name) in (None, truncation.off)
        assert exact.STEPS[name].chance == (getattr(SamplerSettings(), chances[name]) if name in chances else 1)


@cache
def all_steps():
    """One program for all samplers: what is off is an exact identity."""
    return compiled(lambda logits, columns: choose(logits, columns, ("draw", *TRUNCATIONS)).token)


def draw(logits, knobs, order=tuple(TRUNCATIONS), rows=ROWS, salt=0, program=None):
    """How often each token is drawn: by a program, or by the steps in knobs in their order."""
    columns = {
        name: np.full(rows, knobs.get(name, truncation.off), truncation.dtype)
        for name, truncation in TRUNCATIONS.items()
    }
    for name, truncation in TRUNCATIONS.items():
        if truncation.chance:
            columns[truncation.chance] = np.full(rows, knobs.get("chance", exact.STEPS[name].chance), np.float32)
    columns["greedy"] = np.zeros(rows, bool)
    columns["key"] = np.stack([np.arange(rows, dtype=np.uint32), np.full(rows, salt, np.uint32)], axis=1)
    columns["drawn"] = np.zeros(rows, np.int32)
    tiled = np.tile(np.float32(logits), (rows, 1))
    if program is None:
        tokens = choose(tiled, columns, ("draw", *(name for name in order if name in knobs))).token
    else:
        tokens = program(tiled, columns)
    return np.bincount(np.asarray(tokens), minlength=len(logits))


@pytest.mark.parametrize("logits", LOGITS.values(), ids=LOGITS)
@pytest.mark.parametrize("knobs", KNOBS.values(), ids=KNOBS)
def test_draws_from_the_exact_distribution(logits, knobs):
    counts = draw(logits, knobs, program=all_steps())
    assert abs(exact.misfit(counts, exact.distribution(np.float32(logits), knobs))) < 4


@pytest.mark.slow
def test_a_true_sampler_passes_with_any_noise_and_deviates_as_chance_does():
    """A misfit beyond 4 is a false alarm in one draw of 15,000: these are 1,800, with twenty seeds each."""
    misfits, salts = [], itertools.count(1)  # noise of its own for each: misfits of shared noise lean the same way
    for knobs in KNOBS.values():
        for logits in LOGITS.values():
            expected = exact.distribution(np.float32(logits), knobs)
            for salt in itertools.islice(salts, 20):
                misfits.append(exact.misfit(draw(logits, knobs, salt=salt, program=all_steps()), expected))
    misfits = np.array([misfit for misfit in misfits if misfit != 0])  # 0: there was no choice
    assert len(misfits) > 1000
    assert np.abs(misfits).max() < 4
    assert 0.02 < (np.abs(misfits) > 2).mean() < 0.07
    assert abs(misfits.mean()) < 0.15 and 0.9 < misfits.std() < 1.1


def is_noticed(counts, expected):
    """Whether draws can't be from a distribution."""
    return counts[expected == 0].any() or exact.misfit(counts, expected) > 10


@pytest.mark.slow  # it tests the tests: their power does not change with the code
@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)
def test_a_mutant_is_noticed(mutant, monkeypatch):
    """On one of the logits at least, on which the true one is not: not every border lies between all tokens."""
    true, wrong = TRUNCATIONS[mutant.name], replace(TRUNCATIONS[mutant.name], apply=mutant.wrong)
    for logits in LOGITS.values():
        expected = exact.distribution(np.float32(logits), mutant.knobs)
        monkeypatch.setitem(TRUNCATIONS, mutant.name, wrong)
        if is_noticed(draw(logits, mutant.knobs, rows=MANY_ROWS), expected):
            monkeypatch.setitem(TRUNCATIONS, mutant.name, true)
            assert exact.misfit(draw(logits, mutant.knobs, rows=MANY_ROWS), expected) < 4
            return
    pytest.fail("on none of the logits")


@pytest.mark.parametrize("wrong", [0.45, 0.55, 1.0])
def test_a_wrong_chance_is_noticed(wrong):
    knobs = {"xtc_threshold": 0.12}
    expected = exact.distribution(np.float32(LOGITS["peaked"]), knobs)
    assert is_noticed(draw(LOGITS["peaked"], {**knobs, "chance": wrong}, rows=MANY_ROWS), expected)


@pytest.mark.parametrize(
    "knobs",
    [
        {"top_k": 3, "top_p": 0.85},
        {"temperature": 0.6, "top_p": 0.75},
        {"temperature": 2, "min_p": 0.2},
        {"temperature": 2, "top_h": 0.6},
        {"top_n_sigma": 0.9, "top_k": 6},
        {"top_p": 0.7, "typical_p": 0.6},
        {"top_k": 3, "epsilon_cutoff": 0.1},
        {"top_k": 4, "eta_cutoff": 0.5},
        {"top_p": 0.65, "xtc_threshold": 0.1},
    ],
    ids="-".join,
)
def test_steps_come_in_their_order_or_in_the_one_asked_for(knobs):
    for logits in (LOGITS["peaked"], LOGITS["random"], LOGITS["tied"]):
        there, back = list(knobs), list(knobs)[::-1]
        expected = {tuple(order): exact.distribution(np.float32(logits), knobs, order) for order in (there, back)}
        for order in (there, back):
            counts = draw(logits, knobs, order)
            assert exact.misfit(counts, expected[tuple(order)]) < 4
        if is_noticed(counts, expected[tuple(there)]):
            return
    pytest.fail("on none of the logits")


def rows_of(elements):
    """Many rows an example: calls are what costs."""
    return hnp.arrays(np.float32, st.tuples(st.just(16), st.integers(2, 30)), elements=elements)


logprob_rows = rows_of(st.floats(-60, 0, width=16))
coarse_rows = rows_of(st.integers(-960, 0).map(lambda x: x / 16))
"""Equal or so far apart that float32 tells which is nearer to the entropy."""


@pytest.mark.parametrize("name", TRUNCATIONS)
@settings(max_examples=8, deadline=None)
@given(logprobs=logprob_rows)
def test_off_is_an_exact_identity(name, logprobs):
    truncation = TRUNCATIONS[name]
    off = np.full(len(logprobs), truncation.off, truncation.dtype)
    np.testing.assert_array_equal(np.asarray(truncation.apply(logprobs, off)), logprobs)


@pytest.mark.parametrize("name", TRUNCATIONS)
@settings(max_examples=8, deadline=None)
@given(logprobs=coarse_rows, data=st.data())
def test_each_row_goes_by_its_own_knob_and_keeps_its_likeliest_token(name, logprobs, data):
    truncation = TRUNCATIONS[name]
    values = [data.draw(exact.STEPS[name].values) for _ in logprobs]
    knobs = np.maximum(np.array(values, truncation.dtype), np.array(truncation.least, truncation.dtype))
    together = np.asarray(truncation.apply(logprobs, knobs))
    some = data.draw(st.permutations(range(len(knobs))))[: data.draw(st.sampled_from([1, 2, 9]))]
    np.testing.assert_array_equal(np.asarray(truncation.apply(logprobs[some], knobs[some])), together[some])
    for row, knob in enumerate(knobs):
        left = together[row]
        if exact.STEPS[name].keeps_likeliest:
            assert np.argmax(left) == np.argmax(logprobs[row])
        np.testing.assert_allclose(
            exact.softmax(left), exact.STEPS[name].apply(exact.softmax(logprobs[row]), knob), rtol=1e-4, atol=1e-6
        )
