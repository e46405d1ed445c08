"""Every family keeps the interface: whatever is added to FAMILIES and to SETTINGS here is held to it at once."""

from collections import Counter

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.ngrams import counted
from textgen_core.models.backend import compiled, seeded
from textgen_core.models.directory import load_model, load_weights, save_model
from textgen_core.models.families import FAMILIES, build_model, count_parameters
from textgen_core.models.half import halve
from textgen_core.models.seq2seq_settings import Seq2SeqCNNSettings, Seq2SeqRNNSettings, Seq2SeqTransformerSettings
from textgen_core.models.settings import CNNSettings, NgramSettings, RNNSettings, TransformerSettings
from textgen_core.models.shapes import FEW
from textgen_core.models.sizes import SIZES, size_of
from textgen_core.tokenization.interface import PAD

VOCAB, ROWS, STEPS, CAPACITY = 11, 5, 7, 16
SOURCE = 2
"""Of a pair: tokens of the source."""
SETTINGS = {
    "lstm": RNNSettings(cell="lstm", layers=2, units=12, tied=True),
    "gru": RNNSettings(cell="gru", layers=2, units=12),
    "rnn-projected": RNNSettings(units=12, embedding=8, dropout=0.3, tied=True),
    "rnn-untied": RNNSettings(units=12, tied=False),
    "lstm-dropping": RNNSettings(units=12, weight_dropout=0.5),
    "gru-dropping": RNNSettings(cell="gru", units=12, dropout=0.3, locked_dropout=True, weight_dropout=0.3),
    "rnn-input-dropping": RNNSettings(units=12, input_dropout=0.3),
    "cnn": CNNSettings(layers=3, width=12, dilation_cycle=2, dropout=0.3),
    "cnn-plain": CNNSettings(layers=2, width=8, kernel=4, dilation_cycle=1, tied=False),
    "transformer": TransformerSettings(layers=2, width=16, heads=2, context=CAPACITY, dropout=0.3),
    "gpt2": TransformerSettings(
        layers=2,
        width=18,  # heads of 9 dimensions: only rotary positions need an even number
        heads=2,
        context=CAPACITY,
        norm="layer",
        positions="learned",
        activation="gelu",
        biases="layers",
    ),
    "grouped": TransformerSettings(
        layers=2, width=24, heads=6, key_value_heads=2, context=CAPACITY, norm="layer", tied=False
    ),
    "unigram": NgramSettings(order=1),
    "ngram": NgramSettings(order=4),
    "seq2seq-lstm": Seq2SeqRNNSettings(layers=2, units=12, dropout=0.3, tied=True),
    "seq2seq-gru": Seq2SeqRNNSettings(cell="gru", layers=1, units=11, attention="additive"),
    "seq2seq-plain": Seq2SeqRNNSettings(layers=2, units=12, attention="none"),
    "seq2seq-cnn": Seq2SeqCNNSettings(layers=2, width=12, dilation_cycle=2, context=CAPACITY, dropout=0.3),
    "seq2seq-transformer": Seq2SeqTransformerSettings(layers=2, width=16, heads=2, context=CAPACITY, dropout=0.3),
    "seq2seq-grouped": Seq2SeqTransformerSettings(
        layers=2,
        encoder_layers=1,
        width=24,
        heads=6,
        key_value_heads=2,
        context=CAPACITY,
        norm="layer",
        positions="learned",
        biases="layers",
        tied=False,
    ),
}


VARIANTS = {"seq2seq-plain", "seq2seq-grouped"}
"""Cases that show little that others of their family don't, and take as long."""


@pytest.fixture(
    scope="module", params=[pytest.param(name, marks=[pytest.mark.slow] * (name in VARIANTS)) for name in SETTINGS]
)
def case(request):
    settings = SETTINGS[request.param]
    generator = np.random.default_rng(0)
    if settings.family == "ngram":
        return settings, counted(generator.integers(2, VOCAB, (40, 6)).tolist(), settings.order, VOCAB)
    with seeded(0):
        model = build_model(settings, VOCAB)
    for weight in model.weights:  # fresh weights hide faults: biases of zero, gains of one
        weight.assign(weight.numpy() + generator.normal(0, 0.3, weight.shape))
    return settings, model


@pytest.fixture(scope="module")
def model(case):
    return case[1]


@pytest.fixture(scope="module")
def tokens(model):
    tokens = np.random.default_rng(1).integers(0, VOCAB, (ROWS, STEPS)).astype("int32")
    if model.reads_source:
        tokens[:, :SOURCE] += tokens[:, :SOURCE] == PAD
        tokens[:, SOURCE] = PAD
    return tokens


@pytest.fixture(scope="module")
def first(model):
    """Tokens without which nothing can be predicted: of a pair the source and the PAD after it."""
    return SOURCE + 1 if model.reads_source else 1


LENGTHS = np.array([1, 7, 3, 5, 2], "int32")


def close(a, b):
    np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-5)


def nearly(half, full):
    half, full = np.asarray(half), np.asarray(full)
    said = full > -1e6  # GPT-2 never says PAD
    assert np.sqrt(np.mean((half - full)[said] ** 2)) < 0.1 * np.std(full[said])


def leaves(state):
    return [np.asarray(leaf) for leaf in keras.tree.flatten(state)]


def gathered(state, parents):
    return keras.tree.map_structure(lambda leaf: keras.ops.take(leaf, parents, axis=0), state)


def test_every_family_has_a_case():
    assert {settings.family for settings in SETTINGS.values()} == set(FAMILIES)


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_a_card_can_say_what_it_is_and_how_far_it_sees(settings):
    assert settings.label and "\n" not in settings.label
    assert ("learned positions" in settings.label) == (getattr(settings, "positions", "") == "learned")
    assert settings.reach.endswith(".")


def test_sizes_are_those_of_what_is_built(case, model):
    assert set(SIZES) == set(FAMILIES)
    size = size_of(case[0], VOCAB)
    assert size.parameters in (None, count_parameters(model))
    assert (size.parameters is None) == (case[0].family == "ngram")
    for capacity in (64, 320):
        assert size.state_bytes(capacity) == sum(leaf[0].nbytes for leaf in leaves(model.init_state(ROWS, capacity)))


@pytest.mark.parametrize("kind", [RNNSettings, Seq2SeqRNNSettings])
def test_where_it_is_left_to_the_vocabulary_many_kinds_of_token_have_one_matrix_and_few_have_two(kind):
    settings = kind(units=4, tied=None)
    for vocab_size, tied in ((FEW, False), (FEW + 1, True)):
        model = build_model(settings, vocab_size)
        assert model.embedding.tied == tied
        assert size_of(settings, vocab_size).parameters == count_parameters(model)


def test_logits_are_float32_and_causal(case, model, tokens):
    logits = np.asarray(model(tokens))
    assert logits.shape == (ROWS, STEPS, VOCAB) and logits.dtype == np.float32
    changed = tokens.copy()
    changed[:, 4:] = (changed[:, 4:] + 1) % VOCAB
    close(np.asarray(model(changed))[:, :4], logits[:, :4])
    looks_back = getattr(case[0], "order", 2) > 1
    assert np.allclose(np.asarray(model(changed))[:, 4:], logits[:, 4:], atol=1e-3) != looks_back


def test_steps_equal_the_full_pass(model, tokens, first):
    full = np.asarray(model(tokens))
    step = compiled(model.step)
    logits, state = model.prefill(tokens[:, :first], np.full(ROWS, first, "int32"), model.init_state(ROWS, CAPACITY))
    close(logits, full[:, first - 1])
    for t in range(first, STEPS):
        logits, state = step(tokens[:, t], state)
        close(logits, full[:, t])


def test_ragged_prompts_equal_each_row_alone(model, tokens):
    logits, state = model.prefill(tokens, LENGTHS, model.init_state(ROWS, CAPACITY))
    after, _ = model.step(tokens[:, 0], state)
    for row, length in enumerate(LENGTHS):
        only = slice(row, row + 1)
        alone, own = model.prefill(tokens[only, :length], LENGTHS[only], model.init_state(1, CAPACITY))
        close(logits[row], alone[0])
        close(after[row], model.step(tokens[only, 0], own)[0][0])


def test_garbage_beyond_a_length_changes_no_bit(model, tokens):
    garbage = np.where(np.arange(STEPS) < LENGTHS[:, None], tokens, (tokens + 5) % VOCAB)
    results = []
    for prompts in (tokens, garbage.astype("int32")):
        logits, state = model.prefill(prompts, LENGTHS, model.init_state(ROWS, CAPACITY))
        run = [np.asarray(logits)]
        for t in range(CAPACITY - STEPS):
            logits, state = model.step(tokens[:, t % STEPS], state)
            run.append(np.asarray(logits))
        results.append(np.stack(run))
    np.testing.assert_array_equal(*results)


def test_no_bit_depends_on_the_room_of_the_state(model, tokens):
    small, large = (leaves(model.init_state(1, capacity)) for capacity in (64, 320))
    assert model.grows == ([leaf.shape for leaf in small] != [leaf.shape for leaf in large])
    if not model.grows:
        pytest.skip(reason="the state of this family has no room for positions")
    step, runs = compiled(model.step), []
    tile = np.tile(tokens, (13, 1))[:64]  # under XLA, fewer rows than a tile's have other bits for any reason
    for capacity in (64, 320):
        logits, state = model.prefill(tile, np.tile(LENGTHS, 13)[:64], model.init_state(64, capacity))
        run = [np.asarray(logits)]
        for t in range(CAPACITY - STEPS):
            logits, state = step(tile[:, t % STEPS], state)
            run.append(np.asarray(logits))
        runs.append(np.stack(run))
    np.testing.assert_array_equal(*runs)


def test_states_have_the_row_first_and_gather_commutes_with_step(model, tokens):
    _, state = model.prefill(tokens, LENGTHS, model.init_state(ROWS, CAPACITY))
    assert all(leaf.shape[0] == ROWS for leaf in leaves(state))
    parents = np.array([3, 3, 0, 1, 4], "int32")
    first, _ = model.step(tokens[:, 0], state)
    second, _ = model.step(tokens[parents, 0], gathered(state, parents))
    close(np.asarray(first)[parents], second)


def test_fresh_state_and_prefilled_state_have_the_same_shapes(model, tokens):
    fresh = model.init_state(ROWS, CAPACITY)
    _, read = model.prefill(tokens, LENGTHS, fresh)
    _, stepped = model.step(tokens[:, 0], read)
    for state in (read, stepped):
        keras.tree.assert_same_structure(fresh, state)
        assert [(a.shape, a.dtype) for a in leaves(fresh)] == [(a.shape, a.dtype) for a in leaves(state)]


def test_carried_state_equals_one_long_window(model, tokens):
    if not model.carries_state:
        pytest.skip(reason="windows of this family are independent")
    full = np.asarray(model(tokens))
    first, state = model(tokens[:, :3], model.init_state(ROWS, CAPACITY))
    second, _ = model(tokens[:, 3:], state)
    close(np.concatenate([first, second], axis=1), full)


def test_all_goes_through_xla(model, tokens):
    def run(tokens, lengths):
        logits, state = model.prefill(tokens, lengths, model.init_state(ROWS, CAPACITY))
        return logits, model.step(tokens[:, 0], state)[0]

    for plain, fast in zip(run(tokens, LENGTHS), compiled(run)(tokens, LENGTHS), strict=True):
        close(plain, fast)
    close(compiled(lambda tokens: model(tokens))(tokens), model(tokens))


def test_dropout_acts_in_training_only(case, tokens):
    settings, model = case
    assert np.array_equal(model(tokens), model(tokens))
    drops = any(getattr(settings, name, 0) for name in ("dropout", "weight_dropout", "input_dropout"))
    assert np.array_equal(model(tokens, training=True), model(tokens)) != drops


def test_gradients_are_added_up_in_one_order(model, tokens):
    """TensorFlow's AddN begins with the first input whose buffer nobody else needs any more. That is the first or the
    second, whatever the time, if nothing but the sum uses one of these; else bits would differ from run to run."""

    def gradients(tokens):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(model(tokens, training=True) ** 2)
        return tape.gradient(loss, model.trainable_variables)

    graph = compiled(gradients, xla=False).get_concrete_function(tf.constant(tokens)).graph.as_graph_def()
    free = []
    for nodes in (graph.node, *(function.node_def for function in graph.library.function)):
        users = Counter(added for node in nodes for added in node.input)
        sums = [list(node.input) for node in nodes if node.op == "AddN" and len(node.input) > 2]
        free += [1 in (users[first], users[second]) for first, second, *_ in sums]
    assert all(free)
    assert free or model.scans or not model.trainable_variables, "nothing was looked at"


def test_saved_and_loaded_is_bit_equal(case, tokens, tmp_path):
    settings, model = case
    save_model(model, settings, tmp_path)
    loaded = load_model(tmp_path)
    np.testing.assert_array_equal(loaded(tokens), model(tokens))
    assert count_parameters(loaded) == count_parameters(model) > 0
    first = (tmp_path / "model.safetensors").read_bytes()
    save_model(loaded, settings, tmp_path)
    assert (tmp_path / "model.safetensors").read_bytes() == first


def test_bfloat16_computes_nearly_the_same(case, tokens, tmp_path):
    settings, model = case
    save_model(model, settings, tmp_path)
    half = build_model(settings, model.vocab_size, "mixed_bfloat16")
    load_weights(half, tmp_path)
    logits, state = half.prefill(tokens, LENGTHS, half.init_state(ROWS, CAPACITY))
    assert {weight.dtype for weight in half.weights} <= {"float32", "uint32"}
    full, _ = model.prefill(tokens, LENGTHS, model.init_state(ROWS, CAPACITY))
    nearly(logits, full)
    half.step(tokens[:, 0], state)
    nearly(half(tokens), model(tokens))


def test_with_half_weights_it_computes_nearly_the_same(case, tokens, tmp_path):
    settings, model = case
    save_model(model, settings, tmp_path)
    halved = load_model(tmp_path)
    halve(halved)

    def run(model):
        logits, state = model.prefill(tokens, LENGTHS, model.init_state(ROWS, CAPACITY))
        return logits, model.step(tokens[:, 0], state)[0]

    multiplies = not isinstance(settings, NgramSettings)
    for half, full in zip(run(halved), run(model), strict=True):
        assert np.array_equal(half, full) != multiplies
        if multiplies:
            nearly(half, full)
    assert [weight.path for weight in halved.weights] == [weight.path for weight in model.weights]
