"""What encoder-decoders stand on: how a pair is parted, reading in both directions, and attention over a source."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.models.backend import reversed_rows
from textgen_core.models.convolutional import GatedConvolution
from textgen_core.models.cross_attention import CrossAttention
from textgen_core.models.families import build_model
from textgen_core.models.pairs import in_stream, split
from textgen_core.models.seq2seq_rnn import Bidirectional
from textgen_core.models.seq2seq_settings import Seq2SeqCNNSettings, Seq2SeqRNNSettings, Seq2SeqTransformerSettings
from textgen_core.models.source_attention import SourceAttention
from textgen_core.tokenization.interface import END, PAD

VOCAB = 9
ATTENTIVE = {
    "dot": Seq2SeqRNNSettings(units=8),
    "additive": Seq2SeqRNNSettings(cell="gru", layers=2, units=8, attention="additive"),
    "cnn": Seq2SeqCNNSettings(layers=2, width=8, context=32),
    "transformer": Seq2SeqTransformerSettings(layers=2, width=8, heads=2, context=32),
}
SOURCES = np.array([[1, 5, 7, 3, 8], [1, 4, 2, 0, 0], [1, 0, 0, 0, 0]], "int32")
LENGTHS = np.array([5, 3, 1], "int32")
TARGETS = np.array([[0, 3, 4, 2], [0, 8, 8, 5], [0, 2, 6, 1]], "int32")


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def strewn(layer):
    """A layer with no weight at its start, which hides faults."""
    for i, weight in enumerate(layer.weights):
        weight.assign(weight.numpy() + normal(i, *weight.shape) * 0.3)
    return layer


@pytest.fixture(scope="module", params=ATTENTIVE)
def model(request):
    return strewn(build_model(ATTENTIVE[request.param], VOCAB))


def rows_of_one_length():
    width = st.integers(1, 7)
    return width.flatmap(
        lambda t: st.lists(st.lists(st.integers(0, 3), min_size=t, max_size=t), min_size=1, max_size=4)
    )


@settings(max_examples=60, deadline=None)
@given(rows_of_one_length(), st.data())
def test_a_row_is_parted_at_its_first_pad(rows, data):
    lengths = [data.draw(st.integers(1, len(row))) for row in rows]
    source, target, known = (np.asarray(x) for x in split(np.array(rows, "int32"), np.array(lengths, "int32")))
    for row, length, own, tokens, count in zip(rows, lengths, source, target, known, strict=True):
        seen = row[:length]
        begin = seen.index(PAD) if PAD in seen else length
        said = seen[begin:] or [PAD]
        assert own == begin and count == len(said)
        assert tokens.tolist() == said + [PAD] * (len(row) - len(said))


def test_a_targets_values_stand_at_its_places_in_the_row():
    values = normal(0, 2, 4, 3)
    moved = np.asarray(in_stream(values, np.array([0, 3], "int32")))
    np.testing.assert_array_equal(moved[0], values[0])
    np.testing.assert_array_equal(moved[1], np.concatenate([np.zeros((3, 3)), values[1, :1]]))


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_reading_both_ways_is_keras_two_layers_on_each_row_alone(cell):
    ours, x, lengths = Bidirectional(cell, 7), normal(1, 3, 6, 5), np.array([6, 1, 4], "int32")
    ours.build((None, None, 5))
    strewn(ours)
    steps = x.swapaxes(0, 1)
    projected = ours.forward.project(steps), ours.backward.project(reversed_rows(steps, lengths))
    outputs, last = (np.asarray(each) for each in ours(*projected, lengths))
    outputs = outputs.swapaxes(0, 1)
    theirs = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[cell]
    ahead, back = theirs(4, return_sequences=True), theirs(3, return_sequences=True, go_backwards=True)
    for mine, layer in ((ours.forward, ahead), (ours.backward, back)):
        layer.build((None, None, 5))
        layer.set_weights([weight.numpy() for weight in mine.weights])
    for row, length in enumerate(lengths):
        alone = x[row : row + 1, :length]
        forth, reverse = np.asarray(ahead(alone))[0], np.asarray(back(alone))[0]
        expected = np.concatenate([forth, reverse[::-1]], axis=1)
        np.testing.assert_allclose(outputs[row, :length], expected, atol=1e-5)
        np.testing.assert_allclose(last[row], np.concatenate([forth[-1], reverse[-1]]), atol=1e-5)


@pytest.mark.parametrize("dilation", [1, 2])
def test_a_source_is_convolved_as_keras_does_it_without_what_lies_beyond(dilation):
    ours, x, lengths = GatedConvolution(4, 3, dilation), normal(2, 2, 6, 4), np.array([6, 4], "int32")
    ours.build(None)
    strewn(ours)
    theirs = keras.layers.Conv1D(8, 3, padding="same", dilation_rate=dilation)
    theirs.build((None, None, 4))
    theirs.set_weights([weight.numpy() for weight in ours.weights])
    found = np.asarray(ours.read(x, lengths))
    for row, length in enumerate(lengths):
        value, opening = np.split(np.asarray(theirs(x[row : row + 1, :length]))[0], 2, axis=-1)
        np.testing.assert_allclose(found[row, :length], value / (1 + np.exp(-opening)), atol=1e-5)


def test_cross_attention_is_keras_multi_head_attention():
    ours, theirs = CrossAttention(8, 2, 0.02, use_bias=True), keras.layers.MultiHeadAttention(2, 4)
    x, source, lengths = normal(3, 3, 4, 8), normal(4, 3, 5, 8), LENGTHS
    ours.build(None)
    strewn(ours)
    mask = np.broadcast_to((np.arange(5) < lengths[:, None])[:, None], (3, 4, 5))
    theirs.build((3, 4, 8), (3, 5, 8))
    theirs.set_weights(
        [array.numpy().reshape(place.shape) for array, place in zip(ours.weights, theirs.weights, strict=True)]
    )
    expected, scores = theirs(x, source, attention_mask=mask, return_attention_scores=True)
    found, weights = ours(x, ours.remember(source, source), lengths)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(weights, scores, atol=1e-5)


def test_additive_scores_are_bahdanaus():
    layer, x, source = SourceAttention(6, additive=True), normal(5, 1, 2, 6), normal(6, 1, 3, 6)
    layer.build(None)
    w, u, v = (np.asarray(part) for part in (layer.query.kernel, layer.key.kernel, layer.score))
    scores = np.array([[np.tanh(q @ w + k @ u) @ v for k in source[0]] for q in x[0]])
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    _, weights = layer(x, layer.remember(source), np.array([3], "int32"))
    np.testing.assert_allclose(weights[0], expected, atol=1e-6)


def test_attention_is_shared_out_among_the_tokens_of_the_source(model):
    _, weights = model.decode(TARGETS, model.encode(SOURCES, LENGTHS))
    weights = np.asarray(weights)
    assert weights.shape == (3, 4, 5)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-5)
    beyond = np.broadcast_to(np.arange(5) >= LENGTHS[:, None, None], weights.shape)
    assert not weights[beyond].any() and (weights[~beyond] > 0).all()


def test_a_token_is_looked_for_before_it_is_known(model):
    """So the looks of two targets part only after these do."""
    condition, other = model.encode(SOURCES, LENGTHS), TARGETS.copy()
    other[0, 2] += 1
    one, two = (np.asarray(model.decode(tokens, condition)[1])[0] for tokens in (TARGETS, other))
    np.testing.assert_allclose(one[:2], two[:2], atol=1e-6)
    assert (np.abs(one[2:] - two[2:]).max(axis=1) > 1e-5).all()


def test_what_stands_beyond_a_source_changes_no_bit_and_its_width_no_figure(model):
    def logits(source):
        return np.asarray(model(TARGETS, model.encode(source, LENGTHS))[0])

    garbage = np.where(np.arange(5) < LENGTHS[:, None], SOURCES, 6).astype("int32")
    np.testing.assert_array_equal(logits(garbage), logits(SOURCES))
    np.testing.assert_allclose(logits(np.pad(SOURCES, ((0, 0), (0, 3)))), logits(SOURCES), atol=1e-5)


def test_a_target_depends_on_all_of_its_source_and_on_no_other(model):
    def logits(source):
        return np.asarray(model(TARGETS, model.encode(source, LENGTHS))[0])

    for place in range(5):
        changed = SOURCES.copy()
        changed[0, place] = (changed[0, place] + 1) % VOCAB
        moved = np.abs(logits(changed) - logits(SOURCES)).max(axis=(1, 2))
        assert moved[0] > 1e-4 and not moved[1:].any()


def test_a_pair_in_a_row_is_what_its_sides_are(model):
    row = np.array([[END, 5, 7, PAD, 3, 4]], "int32")
    logits = np.asarray(model(row))
    alone, _ = model(row[:, 3:], model.encode(row[:, :3], np.array([3], "int32")))
    # Rows of 3 and of 6 fill a processor's vectors differently, and so round differently: 1.03e-5 with AVX2.
    np.testing.assert_allclose(logits[:, 3:], alone, atol=5e-5)
    assert not logits[:, :3].any()


def test_a_state_made_of_a_condition_is_that_of_its_prompt(model):
    condition = model.encode(SOURCES, LENGTHS)
    stepped, state = model.step(np.full(3, PAD, "int32"), model.init_state(3, 64, condition))
    read, prefilled = model.prefill(SOURCES, LENGTHS, model.init_state(3, 64))
    np.testing.assert_allclose(stepped, read, atol=1e-5)
    for token in (3, 4):
        tokens = np.full(3, token, "int32")
        (stepped, state), (read, prefilled) = model.step(tokens, state), model.step(tokens, prefilled)
        np.testing.assert_allclose(stepped, read, atol=1e-5)


def test_without_attention_there_is_none_to_see():
    plain = build_model(Seq2SeqRNNSettings(units=4, attention="none"), VOCAB)
    assert plain.decode(TARGETS, plain.encode(SOURCES, LENGTHS))[1] is None


@pytest.mark.parametrize(
    ("architecture", "last"),
    [
        (Seq2SeqCNNSettings(layers=2, encoder_layers=8, width=64), "projection"),
        (Seq2SeqTransformerSettings(layers=2, encoder_layers=8, width=64, heads=2), "down"),
    ],
    ids=["cnn", "transformer"],
)
def test_the_branches_of_an_encoder_begin_as_small_as_it_is_deep_itself(architecture, last):
    made = build_model(architecture, VOCAB)
    sizes = {weight.path: float(np.std(weight.numpy())) for weight in made.weights if f"/{last}/" in weight.path}
    encoder, decoder = ([size for path, size in sizes.items() if side in path] for side in ("encoder_", "decoder_"))
    assert len(encoder) == 8 and len(decoder) == 2
    assert np.mean(encoder) == pytest.approx(np.mean(decoder) / 2, rel=0.1)
