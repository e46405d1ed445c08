"""What every truncation and every way to draw must keep. A new one is tested by standing in TRUNCATIONS and STEPS."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.decoding import exact
from textgen_core.decoding.choosing import choose
from textgen_core.decoding.settings import USED_BY, SamplerSettings
from textgen_core.decoding.truncations import TRUNCATIONS

ROWS = 40_000
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
    "all": EXAMPLES,
}


def test_settings_defaults_and_the_order_of_knobs_are_those_of_the_truncations():
    knobs = [name for name in USED_BY["sample"] if name not in USED_BY["greedy"]]
    assert list(TRUNCATIONS) == knobs == list(exact.STEPS)
    for name, truncation in TRUNCATIONS.items():
        assert getattr(SamplerSettings(), name) in (None, truncation.off)


def draw(logits, knobs, rows=ROWS, salt=0):
    """How often each token is drawn."""
    columns = {
        name: np.full(rows, knobs.get(name, truncation.off), truncation.dtype)
        for name, truncation in TRUNCATIONS.items()
    }
    columns["greedy"] = np.zeros(rows, bool)
    columns["key"] = np.stack([np.arange(rows, dtype=np.uint32), np.full(rows, salt, np.uint32)], axis=1)
    columns["drawn"] = np.zeros(rows, np.int32)
    tiled = np.tile(np.float32(logits), (rows, 1))
    tokens, _, _ = choose(tiled, columns, ("draw", *(name for name in TRUNCATIONS if name in knobs)))
    return np.bincount(np.asarray(tokens), minlength=len(logits))


@pytest.mark.parametrize("logits", LOGITS.values(), ids=LOGITS)
@pytest.mark.parametrize("knobs", KNOBS.values(), ids=KNOBS)
def test_draws_from_the_exact_distribution(logits, knobs):
    assert abs(exact.misfit(draw(logits, knobs), exact.distribution(np.float32(logits), knobs))) < 4


PEAKED = LOGITS["peaked"]
BOUNDARY = exact.without_pad(exact.softmax(PEAKED))[1:5].sum() - 0.01  # just inside the fourth token's share
MUTANTS = {
    "temperature x 1.1": ({"temperature": 0.8}, {"temperature": 0.88}),
    "k + 1": ({"top_k": 4}, {"top_k": 5}),
    "k - 1": ({"top_k": 4}, {"top_k": 3}),
    "p + .02": ({"top_p": BOUNDARY}, {"top_p": BOUNDARY + 0.02}),
}


@pytest.mark.parametrize(("true", "mutant"), MUTANTS.values(), ids=MUTANTS)
def test_a_wrong_knob_is_noticed(true, mutant):
    expected = exact.distribution(np.float32(PEAKED), true)
    assert exact.misfit(draw(PEAKED, true), expected) < 4
    try:
        assert exact.misfit(draw(PEAKED, mutant), expected) > 10
    except AssertionError as error:
        assert "without probability" in str(error)


@pytest.mark.parametrize(
    ("knobs", "order"),
    [
        ({"top_k": 3, "top_p": 0.85}, ("top_p", "top_k")),
        ({"temperature": 0.6, "top_p": 0.75}, ("top_p", "temperature")),
    ],
)
def test_swapped_steps_are_noticed(knobs, order):
    counts = draw(PEAKED, knobs)
    assert exact.misfit(counts, exact.distribution(np.float32(PEAKED), knobs)) < 4
    swapped = exact.distribution(np.float32(PEAKED), knobs, order)
    assert counts[swapped == 0].any() or exact.misfit(counts, swapped) > 10


logprob_rows = hnp.arrays(
    np.float32, st.tuples(st.integers(1, 5), st.integers(2, 40)), elements=st.floats(-60, 0, width=16)
)


@pytest.mark.parametrize("name", TRUNCATIONS)
@settings(max_examples=30, deadline=None)
@given(logprobs=logprob_rows)
def test_off_is_an_exact_identity(name, logprobs):
    truncation = TRUNCATIONS[name]
    off = np.full(len(logprobs), truncation.off, truncation.dtype)
    np.testing.assert_array_equal(np.asarray(truncation.apply(logprobs, off)), logprobs)


@pytest.mark.parametrize("name", TRUNCATIONS)
@settings(max_examples=25, deadline=None)
@given(logprobs=logprob_rows, data=st.data())
def test_each_row_goes_by_its_own_knob_and_keeps_its_likeliest_token(name, logprobs, data):
    truncation = TRUNCATIONS[name]
    knobs = np.array([data.draw(exact.STEPS[name].values) for _ in logprobs], truncation.dtype)
    together = np.asarray(truncation.apply(logprobs, knobs))
    for row, knob in enumerate(knobs):
        alone = np.asarray(truncation.apply(logprobs[row : row + 1], knobs[row : row + 1]))[0]
        np.testing.assert_array_equal(together[row], alone)
        assert np.argmax(alone) == np.argmax(logprobs[row])
        np.testing.assert_allclose(
            exact.softmax(alone), exact.STEPS[name].apply(exact.softmax(logprobs[row]), knob), rtol=1e-4, atol=1e-6
        )
