"""The gated convolution against Keras' own and automatic differentiation, its ring against reading all at once."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.models.convolution import gate, gated_convolution
from textgen_core.models.convolutional import GatedConvolution
from textgen_core.models.families import build_model
from textgen_core.models.settings import CNNSettings

WIDTH = 3
shapes = st.tuples(st.integers(2, 5), st.integers(1, 4))


def layer(taps, dilation):
    made = GatedConvolution(WIDTH, taps, dilation)
    made.build((None, None, WIDTH))
    generator = np.random.default_rng(0)
    for weight in made.weights:
        weight.assign(generator.normal(size=weight.shape))
    return made


def inputs(rows, length, seed):
    return np.random.default_rng(seed).normal(size=(rows, length, WIDTH)).astype("float32")


def read(own, x, lengths, ring=None, positions=None):
    ring = own.init_ring(len(x)) if ring is None else ring
    positions = np.zeros(len(x), "int32") if positions is None else positions
    return own(x, np.asarray(lengths, "int32"), ring, positions)


def close(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)


@settings(max_examples=20, deadline=None)
@given(shape=shapes, length=st.integers(1, 12), seed=st.integers(0, 99))
def test_it_is_the_causal_convolution_of_keras(shape, length, seed):
    own, (taps, dilation) = layer(*shape), shape
    keras_own = keras.layers.Conv1D(2 * WIDTH, taps, padding="causal", dilation_rate=dilation)
    keras_own.build((None, length, WIDTH))
    keras_own.set_weights(own.get_weights())
    x = inputs(2, length, seed)
    close(read(own, x, [length] * 2)[0], gate(keras_own(x)))


@settings(max_examples=20, deadline=None)
@given(shape=shapes, length=st.integers(1, 6), seed=st.integers(0, 99))
def test_its_gradient_is_the_automatic_one(shape, length, seed):
    taps, dilation = shape
    reach, generator = (taps - 1) * dilation, np.random.default_rng(seed)
    sizes = [(2, reach + length, WIDTH), (taps * WIDTH, 2 * WIDTH), (2 * WIDTH,)]
    given = [tf.constant(generator.normal(size=size)) for size in sizes]

    def plain(padded, kernel, bias):
        seen = [padded[:, start : start + length] for start in range(0, reach + 1, dilation)]
        return gate(tf.concat(seen, axis=-1) @ kernel + bias)

    found = []
    for function in (gated_convolution(taps, dilation), plain):
        with tf.GradientTape() as tape:
            tape.watch(given)
            total = tf.reduce_sum(function(*given) ** 2)
        found.append([total, *tape.gradient(total, given)])
    for ours, automatic in zip(*found, strict=True):
        np.testing.assert_allclose(ours, automatic, rtol=1e-9, atol=1e-11)


@settings(max_examples=30, deadline=None)
@given(shape=shapes, lengths=st.lists(st.integers(0, 9), min_size=3, max_size=3), seed=st.integers(0, 99))
def test_from_any_length_on_steps_and_windows_go_on_as_if_all_had_been_read_at_once(shape, lengths, seed):
    own, rows, more = layer(*shape), 3, 6
    x, after = inputs(rows, max(lengths) + 1, seed), inputs(rows, more, seed + 1)
    joined = [np.concatenate([x[row, :length], after[row]])[None] for row, length in enumerate(lengths)]
    whole = [np.asarray(read(own, each, [each.shape[1]])[0])[0, -more:] for each in joined]
    _, ring = read(own, x, lengths)
    positions = np.array(lengths, "int32")
    close(read(own, after, [more] * rows, ring, positions)[0], whole)
    for t in range(more):
        y, ring = own.step(after[:, t], ring, positions + t)
        close(y, [row[t] for row in whole])


def test_dilations_double_and_begin_again():
    own = CNNSettings(layers=7, kernel=3, dilation_cycle=3)
    assert own.dilations == [1, 2, 4, 1, 2, 4, 1]
    assert own.receptive_field == 1 + 2 * 15
    assert CNNSettings(layers=3, kernel=2, dilation_cycle=1).receptive_field == 4


@pytest.mark.parametrize("kernel", [2, 3])
def test_a_prediction_sees_its_receptive_field_and_nothing_before(kernel):
    own = CNNSettings(layers=3, width=8, kernel=kernel, dilation_cycle=2)
    model, field = build_model(own, 7), own.receptive_field
    tokens = np.random.default_rng(0).integers(0, 7, (1, field + 1)).astype("int32")
    plain = np.asarray(model(tokens))[0, -1]
    for place, seen in {0: False, 1: True}.items():
        changed = tokens.copy()
        changed[0, place] = (changed[0, place] + 1) % 7
        assert np.allclose(np.asarray(model(changed))[0, -1], plain, rtol=0, atol=1e-7) != seen
