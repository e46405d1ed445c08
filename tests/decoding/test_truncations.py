"""Truncations at the edges: the smallest and large vocabularies, rows without a choice, rows of equals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.decoding import exact
from textgen_core.decoding.truncations import TRUNCATIONS
from textgen_core.decoding.truncations.entropy import entropy, normalised
from textgen_core.decoding.truncations.top_n_sigma import top_n_sigma
from textgen_core.models.backend import compiled

NO = -np.inf


def kept_by(name, rows, knob=None):
    """Which tokens are left of rows [n, vocab]."""
    rows = np.float32(rows)
    knob = exact.STEPS[name].example if knob is None else knob
    knobs = np.full(len(rows), knob, TRUNCATIONS[name].dtype)
    left = np.asarray(TRUNCATIONS[name].apply(rows, knobs))
    assert not np.isnan(left).any()
    return left > NO


@pytest.mark.parametrize("name", TRUNCATIONS)
def test_a_row_without_a_choice_keeps_its_only_token(name):
    rows = np.full((5, 5), NO)
    np.fill_diagonal(rows, [0, -3, 80, -1e30, 1e30])
    np.testing.assert_array_equal(kept_by(name, rows), np.eye(5, dtype=bool))
    np.testing.assert_array_equal(kept_by(name, [[NO, 7.0], [-2.0, NO]]), [[False, True], [True, False]])


@pytest.mark.parametrize("name", TRUNCATIONS)
@pytest.mark.parametrize("vocab", [2, 3, 64, 1000])
def test_equals_are_kept_together(name, vocab):
    """Whatever is cut, no token is preferred to its equal; and where all are equal, all stay."""
    assert kept_by(name, np.full((3, vocab), [[0.0], [-9.0], [40.0]])).all()
    rows = np.repeat([[0.0, -0.5, -1.0, -4.0]], vocab, axis=1)
    together = kept_by(name, rows).reshape(4, vocab)
    assert (together == together[:, :1]).all()


@pytest.mark.parametrize("name", TRUNCATIONS)
def test_two_tokens(name):
    rows = np.log([[0.5, 0.5], [0.7, 0.3], [0.96, 0.04], [1 - 1e-7, 1e-7]])
    for row, kept in zip(rows, kept_by(name, rows), strict=True):
        np.testing.assert_array_equal(kept, exact.STEPS[name].apply(np.exp(row), exact.STEPS[name].example) > 0)


@pytest.mark.parametrize("name", TRUNCATIONS)
@pytest.mark.parametrize("shape", ["flat", "zipf", "ragged"])
def test_large_vocabularies_under_xla(name, shape):
    """50,000 tokens: only those at the border, which hold next to nothing, may be judged otherwise than in float64."""
    rng = np.random.default_rng(3)
    logits = {
        "flat": rng.normal(size=50_000) * 0.1,
        "zipf": -1.1 * np.log(rng.permutation(50_000) + 1),
        "ragged": np.where(rng.random(50_000) < 0.5, NO, rng.normal(size=50_000) * 4),
    }[shape]
    knob = exact.STEPS[name].example
    knobs = np.full(2, knob, TRUNCATIONS[name].dtype)
    left = np.asarray(compiled(TRUNCATIONS[name].apply)(np.float32([logits, logits]), knobs))
    np.testing.assert_array_equal(left[0], left[1])
    expected = exact.STEPS[name].apply(exact.softmax(np.float32(logits)), knob)
    assert np.abs(exact.softmax(left[0]) - expected).sum() < 1e-3


scaled_rows = hnp.arrays(np.float32, (4, 30), elements=st.integers(-800, 800).map(lambda x: x / 16))


@settings(max_examples=50, deadline=None)
@given(scaled_rows, st.floats(0.1, 4), st.integers(-6, 6), st.floats(-50, 50), st.sets(st.integers(0, 28)))
def test_top_n_sigma_does_not_feel_temperature_constants_or_what_is_banned(logits, n, power, constant, banned):
    """Scaling by a power of two is exact in floats, so not even a token at the border may be judged otherwise."""
    knob = np.full(4, n, np.float32)
    kept = np.asarray(top_n_sigma(logits, knob)) > NO
    np.testing.assert_array_equal(np.asarray(top_n_sigma(logits * np.float32(2.0**power), knob)) > NO, kept)
    np.testing.assert_array_equal(np.asarray(top_n_sigma(logits + np.float32(np.round(constant)), knob)) > NO, kept)
    column = list(banned)
    without = np.delete(logits, column, axis=1)
    logits[:, column] = NO
    left, expected = (np.asarray(top_n_sigma(rows, knob)) > NO for rows in (logits, without))
    near = _near_the_border(without, n)
    np.testing.assert_array_equal(np.delete(left, column, axis=1)[~near], expected[~near])
    assert not left[:, column].any()


@given(scaled_rows, st.floats(0.1, 4), st.floats(0.1, 10))
@settings(max_examples=50, deadline=None)
def test_top_n_sigma_keeps_the_same_at_every_temperature(logits, n, heat):
    knob = np.full(4, n, np.float32)
    near = _near_the_border(logits, n)
    hot, own = (np.asarray(top_n_sigma(rows, knob)) > NO for rows in (np.float32(logits / heat), logits))
    np.testing.assert_array_equal(hot[~near], own[~near])


def _near_the_border(logits, n):
    """Tokens [rows, vocab] that float32 may judge one way or the other."""
    rows = np.float64(logits)
    below = rows.max(axis=1, keepdims=True) - rows
    return np.abs(below - n * rows.std(axis=1, keepdims=True)) < 1e-4


@settings(max_examples=50, deadline=None)
@given(scaled_rows, st.floats(0.02, 0.98))
def test_top_h_keeps_within_its_bound_and_could_not_keep_more(logits, share):
    """The paper's bound, but where equals of the likeliest break it; and the next class would."""
    for row, kept in zip(logits, kept_by("top_h", logits, share), strict=True):
        p = exact.softmax(row)
        bound = share * exact.entropy(p)
        if len(np.unique(row[kept])) > 1:
            assert exact.entropy(p[kept] / p[kept].sum()) <= bound + 1e-4
        if not kept.all():
            more = row >= row[~kept].max()
            assert row[kept].min() > row[~kept].max()
            assert exact.entropy(p[more] / p[more].sum()) >= bound - 1e-4


def test_entropy_counts_what_there_is():
    rows = np.float32([[0, 0, NO, 0, 0], [3, NO, NO, NO, NO], [0, -200, NO, NO, NO]])
    np.testing.assert_allclose(np.asarray(entropy(normalised(rows))), [np.log(4), 0, 0], atol=1e-6)
