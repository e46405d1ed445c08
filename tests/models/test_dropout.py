"""Masks are those of independent coins, whatever the share, and of no machinery."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.models.backend import compiled
from textgen_core.models.dropout import Dropout, random_words

WORDS = 1 << 16
seeds = st.tuples(*[st.integers(0, 2**32 - 1)] * 2)


def words(seed, count=WORDS):
    return random_words(tf.constant(seed, tf.uint32), count).numpy()


def coins(seed):
    """Each word's bits as [words, 32] of -1 and 1."""
    return 2.0 * np.unpackbits(words(seed).astype(">u4").view(np.uint8)).reshape(WORDS, 32) - 1


@settings(max_examples=20, deadline=None)
@given(seed=seeds, lag=st.integers(1, 1000))
def test_bits_are_fair_and_know_nothing_of_each_other(seed, lag):
    """Means of 2**16 products of fair coins: beyond 6 standard deviations hardly once in 10**8 of them."""
    own, limit = coins(seed), 6 / np.sqrt(WORDS - lag)
    assert np.abs(own.mean(axis=0)).max() < limit
    assert np.abs((own[lag:] * own[:-lag]).mean(axis=0)).max() < limit
    assert np.abs(own.T @ own / WORDS - np.eye(32)).max() < limit
    for other in ((seed[0], (seed[1] + lag) % 2**32), ((seed[0] + lag) % 2**32, seed[1])):
        assert np.abs(own.T @ coins(other) / WORDS).max() < limit


@pytest.mark.parametrize("rate", [0.01, 0.3, 0.9])
@pytest.mark.parametrize("axis", [None, 1])
def test_the_share_is_dropped_and_the_expectation_stays(rate, axis):
    x = tf.ones((200, 5, 40))
    dropped = Dropout(rate, axis)(x, training=True).numpy()
    assert set(np.unique(dropped)) == {0.0, np.float32(1 / (1 - rate))}
    independent = dropped.size / (5 if axis else 1)
    assert abs((dropped == 0).mean() - rate) < 5 * np.sqrt(rate * (1 - rate) / independent)
    assert np.array_equal(dropped, np.broadcast_to(dropped[:, :1], dropped.shape)) == (axis == 1)


def test_calls_differ_xla_or_not_and_a_restored_seed_repeats_them():
    layer, x = Dropout(0.5), tf.ones((64, 64))
    before = layer.seeds.state.numpy()
    eager = [layer(x, training=True).numpy() for _ in range(3)]
    assert not any(np.array_equal(eager[0], other) for other in eager[1:])
    for xla in (True, False):
        layer.seeds.state.assign(before)
        program = compiled(lambda x: layer(x, training=True), xla=xla)
        assert all(np.array_equal(program(x), expected) for expected in eager)


def test_nothing_is_drawn_where_nothing_is_dropped():
    assert not Dropout(0.0).variables and [v.name for v in Dropout(0.1).variables] == [
        v.name for v in keras.layers.Dropout(0.1).variables
    ]
    x = tf.ones((2, 2))
    assert Dropout(0.0)(x, training=True) is x and np.array_equal(Dropout(0.5)(x), x)
