"""The fast scans against Keras' own layers and against automatic differentiation."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.models.recurrence import gru, gru_cell, lstm, lstm_cell
from textgen_core.models.recurrent import GRU, LSTM

sizes = st.integers(1, 5)


def arrays(seed, *shapes):
    generator = np.random.default_rng(seed)
    return [tf.constant(generator.normal(size=shape)) for shape in shapes]


def plain_lstm(projected, kernel, h, c):
    """The same function step by step, for automatic differentiation."""
    outputs = []
    for x in tf.unstack(projected):
        h, c, _ = lstm_cell(x, kernel, h, c)
        outputs.append(h)
    return tf.stack(outputs), h, c


def plain_gru(projected, kernel, bias, h):
    outputs = []
    for x in tf.unstack(projected):
        h, _ = gru_cell(x, kernel, bias, h)
        outputs.append(h)
    return tf.stack(outputs), h


def gradients(function, inputs, weights):
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        results = function(*inputs)
        total = tf.add_n([tf.reduce_sum(result * weight) for result, weight in zip(results, weights, strict=True)])
    return results, tape.gradient(total, inputs)


def agree(ours, plain):
    for a, b in zip(ours, plain, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11)


@settings(max_examples=15, deadline=None)
@given(t=sizes, b=sizes, u=sizes, seed=st.integers(0, 999))
def test_the_gradient_of_lstm_is_the_automatic_one(t, b, u, seed):
    inputs = arrays(seed, (t, b, 4 * u), (u, 4 * u), (b, u), (b, u))
    weights = arrays(seed + 1, (t, b, u), (b, u), (b, u))
    for ours, plain in zip(gradients(lstm, inputs, weights), gradients(plain_lstm, inputs, weights), strict=True):
        agree(ours, plain)


@settings(max_examples=15, deadline=None)
@given(t=sizes, b=sizes, u=sizes, seed=st.integers(0, 999))
def test_the_gradient_of_gru_is_the_automatic_one(t, b, u, seed):
    inputs = arrays(seed, (t, b, 3 * u), (u, 3 * u), (3 * u,), (b, u))
    weights = arrays(seed + 1, (t, b, u), (b, u))
    for ours, plain in zip(gradients(gru, inputs, weights), gradients(plain_gru, inputs, weights), strict=True):
        agree(ours, plain)


@pytest.mark.parametrize(("ours", "theirs"), [(LSTM, keras.layers.LSTM), (GRU, keras.layers.GRU)])
def test_layers_compute_what_keras_computes_with_the_same_weights(ours, theirs):
    x = np.random.default_rng(0).normal(size=(3, 6, 4)).astype("float32")
    mine, own = ours(5), theirs(5, return_sequences=True)
    mine.build(x.shape)
    own.build(x.shape)
    generator = np.random.default_rng(1)
    own.set_weights([generator.normal(size=weight.shape) for weight in own.weights])
    mine.set_weights(own.get_weights())
    outputs, _ = mine(x, mine.init_state(3))
    np.testing.assert_allclose(outputs, own(x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("layer", [LSTM, GRU])
def test_fresh_weights_are_kerass(layer):
    """Gates that remember at first: a bias of one for the forget gate of an LSTM."""
    fresh = layer(3)
    fresh.build((None, None, 2))
    theirs = getattr(keras.layers, layer.__name__)(3)
    theirs.build((None, None, 2))
    np.testing.assert_array_equal(fresh.bias, theirs.cell.bias)
    assert [weight.shape for weight in fresh.weights] == [weight.shape for weight in theirs.weights]
