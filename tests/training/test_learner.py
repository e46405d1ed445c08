"""A step's gradient, and how many programs steps are compiled into."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from textgen_core.models.families import build_model
from textgen_core.models.seq2seq_settings import Seq2SeqRNNSettings
from textgen_core.tokenization.interface import PAD
from textgen_core.training.callbacks.history import HistoryRecorder
from textgen_core.training.learner import Learner, dataset, logits_of_pairs
from textgen_core.training.pairs import PairBatch
from textgen_core.training.run import Run

VOCAB, ROWS = 7, 4
EXPECTED = 12.0


def batch_of(seed, width, fullest):
    """Pairs whose targets are of all lengths up to fullest."""
    draw = np.random.default_rng(seed)
    source = draw.integers(2, VOCAB, (ROWS, width)).astype(np.int32)
    targets = draw.integers(2, VOCAB, (ROWS, width)).astype(np.int32)
    targets[np.arange(width) >= draw.integers(1, fullest + 1, ROWS)[:, None]] = PAD
    tokens = np.pad(targets, ((0, 0), (1, 0)))[:, :-1]
    return PairBatch(source, np.full(ROWS, width, np.int32), tokens, targets)


def learner_of(parts=1):
    model = build_model(Seq2SeqRNNSettings(units=4), VOCAB)
    model.pairs = True
    learner = Learner(model, ROWS, 1e9, parts)
    learner.targets = EXPECTED
    learner.compile(keras.optimizers.SGD(1.0), jit_compile=False)
    return learner


@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize("fullest", [2, 6])
def test_a_targets_loss_counts_alike_in_a_full_batch_and_in_one_of_short_pairs(parts, fullest):
    learner, batch = learner_of(parts), batch_of(1, 6, fullest)
    model, counted = learner.model, batch.targets != PAD
    with tf.GradientTape() as tape:
        logits = logits_of_pairs(model, batch)
        nll = keras.ops.sparse_categorical_crossentropy(batch.targets, logits, from_logits=True)
        total = keras.ops.sum(keras.ops.where(counted, nll, 0.0))
    gradients = tape.gradient(total, model.trainable_variables)
    before = [weight.numpy() for weight in model.trainable_variables]
    loss = learner.train_step(tuple(map(tf.constant, batch)))["loss"]
    assert float(loss) == pytest.approx(float(total) / counted.sum(), rel=1e-5)
    for old, weight, gradient in zip(before, model.trainable_variables, gradients, strict=True):
        expected = tf.convert_to_tensor(gradient).numpy() / EXPECTED
        np.testing.assert_allclose(old - weight.numpy(), expected, atol=1e-6)


def test_each_shape_of_a_batch_has_a_program_and_the_pace_knows_none_of_the_compiling():
    learner, run = learner_of(), Run()
    batches = [batch_of(seed, width, width) for seed, width in enumerate([8, 6, 8, 6, 8, 8])]
    recorder = HistoryRecorder(run, 1, len(batches), lambda step: 0.0, {})
    learner.fit(
        dataset(batches, 0, len(batches)), steps_per_epoch=len(batches), shuffle=False, verbose=0, callbacks=[recorder]
    )
    assert learner.programs == 2
    assert run.step == len(batches) and run.stepped == len(batches) - 2
