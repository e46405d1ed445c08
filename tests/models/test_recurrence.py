"""The fast scans against Keras' own layers and against automatic differentiation."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.models import embedding
from textgen_core.models.recurrence import gru, gru_cell, lstm, lstm_cell
from textgen_core.models.recurrent import GRU, LSTM
from textgen_core.models.rnn import RNNModel
from textgen_core.models.settings import RNNSettings

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
    outputs, _ = mine(mine.project(x.swapaxes(0, 1)), mine.init_state(3))
    np.testing.assert_allclose(outputs, np.swapaxes(own(x), 0, 1), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("layer", [LSTM, GRU])
def test_fresh_weights_are_kerass(layer):
    """Gates that remember at first: a bias of one for the forget gate of an LSTM."""
    fresh = layer(3)
    fresh.build((None, None, 2))
    theirs = getattr(keras.layers, layer.__name__)(3)
    theirs.build((None, None, 2))
    np.testing.assert_array_equal(fresh.bias, theirs.cell.bias)
    assert [weight.shape for weight in fresh.weights] == [weight.shape for weight in theirs.weights]


@pytest.mark.parametrize(
    ("kind", "plain"),
    [
        (LSTM, lambda x, kernel, layer, h, c: plain_lstm(x, kernel, h, c)[0]),
        (GRU, lambda x, kernel, layer, h: plain_gru(x, kernel, layer.bias[1], h)[0]),
    ],
)
def test_dropped_weights_are_the_same_ones_at_every_step_forwards_and_back(kind, plain):
    """Against automatic differentiation of steps that all multiply by one kernel with one mask."""
    layer = kind(5, weight_dropout=0.4)
    layer.build((None, None, 3))
    x, weight, *state = (tf.cast(each, "float32") for each in arrays(0, (6, 2, 3), (6, 2, 5), *[(2, 5)] * 2))
    state = state[: len(layer.init_state(2))]
    seeds = layer.weight_dropout.seeds.state
    before = seeds.numpy()
    with tf.GradientTape() as tape:
        outputs, _ = layer(layer.project(x), tuple(state), training=True)
        total = tf.reduce_sum(outputs * weight)
    ours = tape.gradient(total, layer.recurrent.value)
    seeds.assign(before)
    mask = layer.weight_dropout(tf.ones((5, layer.recurrent.shape[1])), training=True)
    projected = x @ layer.kernel + (layer.bias if kind is LSTM else layer.bias[0])
    with tf.GradientTape() as tape:
        expected = plain(projected, layer.recurrent * mask, layer, *state)
        total = tf.reduce_sum(expected * weight)
    np.testing.assert_allclose(outputs, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(ours, tape.gradient(total, layer.recurrent.value), rtol=1e-4, atol=1e-5)
    assert set(np.unique(mask)) == {0.0, np.float32(1 / 0.6)} and np.all((ours.numpy() != 0) <= (mask.numpy() > 0))


def test_locked_dropout_drops_the_same_at_all_positions_of_a_row():
    model = RNNModel(RNNSettings(units=8, dropout=0.5, locked_dropout=True), 5)
    kept = np.swapaxes(model.dropout(tf.ones((7, 6, 8)), training=True), 0, 1) > 0
    assert np.all(kept == kept[:, :1]) and len(np.unique(kept[:, 0], axis=0)) > 1


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_projecting_kinds_of_token_is_projecting_tokens(cell, monkeypatch):
    """Logits and gradients, where vectors of few kinds are projected and looked up, and where each token's own is."""
    model = RNNModel(RNNSettings(cell=cell, units=8, embedding=6, layers=2), 11)
    tokens = np.random.default_rng(0).integers(0, 11, (3, 20)).astype("int32")

    def found():
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(tf.sin(model(tokens, training=True)))
        gradients = tape.gradient(total, [weight.value for weight in model.trainable_variables])
        return [total, *map(tf.convert_to_tensor, gradients)]

    few = found()
    monkeypatch.setattr(embedding, "FEW", 10)
    for ours, plain in zip(few, found(), strict=True):
        np.testing.assert_allclose(ours, plain, rtol=1e-4, atol=1e-5)


def test_dropout_before_the_first_layer_drops_the_same_of_all_tokens_of_a_kind():
    model = RNNModel(RNNSettings(units=8, dropout=0.5), 11)
    tokens = np.array([[3, 4, 3], [4, 3, 4]], "int32")
    vectors = np.asarray(model.embedding.through(lambda x: x, model.dropout)(tokens))
    for kind in (3, 4):
        mine = vectors[tokens == kind]
        assert np.any(mine == 0) and np.all(mine == mine[0])
    assert np.any((vectors[0, 0] == 0) != (vectors[0, 1] == 0)), "other kinds, other ones"


def test_input_dropout_drops_of_each_token_by_itself():
    """Of a model's own: nothing is dropped after the layers, and tokens of a kind differ before them."""
    model = RNNModel(RNNSettings(units=8, input_dropout=0.5), 11)
    tokens = np.full((4, 6), 3, "int32")
    drawn = np.asarray(model._entry(training=True)(tokens)).reshape(24, -1)
    assert len(np.unique(drawn, axis=0)) > 12
    alike = np.asarray(RNNModel(RNNSettings(units=8, dropout=0.5), 11)._entry(training=True)(tokens)).reshape(24, -1)
    assert len(np.unique(alike, axis=0)) == 1, "without it, all of a kind alike"
    np.testing.assert_array_equal(model.dropout(tf.ones((3, 8)), training=True), np.ones((3, 8)))
