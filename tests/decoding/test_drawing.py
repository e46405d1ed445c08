import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.decoding.drawing import draw, invert

ALMOST_ONE = np.float32(1 - 2**-24)


@pytest.mark.parametrize("vocab", [2, 3, 17, 50_000])
def test_inverts_the_cumulative_distribution(vocab):
    """On a grid of uniforms every token comes up in proportion to its probability."""
    p = np.random.default_rng(vocab).dirichlet(np.ones(vocab) * 0.1 if vocab > 20 else np.ones(vocab))
    side = 60 if vocab < 100 else 25
    first, second = (g.ravel().astype(np.float32) for g in np.meshgrid(*[(np.arange(side) + 0.5) / side] * 2))
    logprobs = np.tile(np.log(np.maximum(p, 1e-30)).astype(np.float32), (side * side, 1))
    counts = np.bincount(np.asarray(draw(logprobs, first, second)), minlength=vocab)
    assert np.abs(counts / side**2 - p).max() < 2.5 / side


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([0.0, 0.0, 1e-30, 0.1, 1.0, 3e7]), min_size=1, max_size=40), st.floats(0, 1, width=32))
def test_what_weighs_nothing_is_never_drawn(weights, uniform):
    if not any(weights):
        weights[-1] = 1.0
    for u in (uniform, 0.0, ALMOST_ONE):
        u = min(np.float32(u), ALMOST_ONE)
        index = int(np.asarray(invert(np.array([weights], np.float32), np.array([u], np.float32)))[0])
        assert weights[index] > 0
