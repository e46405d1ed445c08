"""A step of batches of several shapes: its gradient, its programs, and what is recorded of it."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.training.pair_streams import stream_of
from textgen_core.models.families import build_model
from textgen_core.models.seq2seq_settings import Seq2SeqRNNSettings
from textgen_core.tokenization.interface import PAD
from textgen_core.training.callbacks.compilation import Compilation
from textgen_core.training.callbacks.history import POINTS, HistoryRecorder
from textgen_core.training.checkpoints import read_checkpoint, write_checkpoint
from textgen_core.training.learner import Learner, dataset, logits_of_pairs
from textgen_core.training.loss import mean_nll, without_pad
from textgen_core.training.pairs import PairBatch, PairPlaces
from textgen_core.training.pairs_by_length import PairsByLength
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


def learner_of(parts=1, replicas=1):
    model = build_model(Seq2SeqRNNSettings(units=4), VOCAB)
    model.pairs = True
    learner = Learner(model, ROWS // replicas, 1e9, parts)
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
    made = learner.train_step(tuple(map(tf.constant, batch)))
    assert float(made["weight"]) == pytest.approx(counted.sum() / EXPECTED)
    assert float(made["weighed"]) == pytest.approx(float(total) / EXPECTED, rel=1e-5)
    for old, weight, gradient in zip(before, model.trainable_variables, gradients, strict=True):
        expected = tf.convert_to_tensor(gradient).numpy() / EXPECTED
        np.testing.assert_allclose(old - weight.numpy(), expected, atol=1e-6)


def two_epochs(learner, more=()):
    """A few pairs of two widths are learned from twice; what is recorded of it."""
    pairs = [([2, 3], [4, 5, 6] * 4)] * 3 + [([3], [5] * 60)] * 2
    replicas = learner.distribute_strategy.num_replicas_in_sync
    batches = PairsByLength(PairPlaces(stream_of([pairs])), ROWS, replicas, 64, seed=0)
    learner.targets, count, run = batches.targets, batches.per_epoch, Run()
    recorder = HistoryRecorder(run, 1, 2 * count, lambda step: 0.0, {})
    source = dataset(batches, range(2 * count))
    learner.fit(source, steps_per_epoch=2 * count, shuffle=False, verbose=0, callbacks=[recorder, *more])
    return batches, run


def test_each_shape_is_compiled_before_the_first_step_and_nothing_else_comes_of_it():
    alone, warmed = learner_of(), learner_of()
    for weight, same in zip(warmed.model.weights, alone.model.weights, strict=True):
        weight.assign(same)
    batches, run = two_epochs(alone)
    assert len(batches.examples) == len(batches.shapes) == batches.per_epoch == 2
    traced, begun, step = [], [], warmed.train_step

    def train_step(data):
        traced.append(data)
        return step(data)

    class Watching(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            begun.extend(traced)

    warmed.train_step = train_step
    _, again = two_epochs(warmed, [Compilation(dataset(batches, batches.examples)), Watching()])
    assert len(begun) == len(traced) == 2
    assert [row["loss"] for row in again.history] == [row["loss"] for row in run.history]
    for one, other in zip(alone.snapshot().values(), warmed.snapshot().values(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_recorded_loss_is_the_mean_over_targets():
    learner = learner_of()
    learner.optimizer.learning_rate = 0.0
    batches, run = two_epochs(learner)
    nats = counted = 0.0
    for batch in (batches[0], batches[1]):
        said = (batch.targets != PAD).sum()
        nats += said * float(mean_nll(logits_of_pairs(learner.model, batch), batch.targets, without_pad(batch.targets)))
        counted += said
    recorder = HistoryRecorder(run, 1, 99_000, lambda step: 0.0, {})
    recorder.set_model(learner)
    learner.fit(dataset(batches, range(2)), steps_per_epoch=2, shuffle=False, verbose=0, callbacks=[recorder])
    recorder.close()
    assert run.history[-1]["loss"] == pytest.approx(nats / counted, rel=1e-5)


def test_losses_of_a_row_of_several_steps_survive_a_kill(tmp_path):
    """A row of history spans steps only in long trainings: here two, with a checkpoint between them."""
    run, steps = Run(), 2 * POINTS
    for number, (loss, weight) in enumerate([(1.0, 0.5), (4.0, 1.0)], start=1):
        HistoryRecorder(run, 1, steps, lambda step: 0.0, {}).on_train_batch_end(0, {"loss": loss, "weight": weight})
        write_checkpoint(tmp_path, run, {})
        run, _ = read_checkpoint(tmp_path)
        assert run.step == number and len(run.losses) == number % 2
    assert [row["loss"] for row in run.history] == [3.0]


TWO_DEVICES = """
import sys
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import numpy as np
from tests.training.test_learner import learner_of, two_epochs
from textgen_core.models.backend import placement
weights = []
for replicas in (1, 2):
    with placement("cpu", replicas).scope():
        learner = learner_of(replicas=replicas)
        trained = learner.model.weights
        before = [np.cos(np.arange(weight.shape.num_elements())).reshape(weight.shape) for weight in trained]
        for weight, start in zip(trained, before):
            weight.assign(start)
    losses = [row["loss"] for row in two_epochs(learner)[1].history]
    weights.append([*losses, *(weight.numpy() for weight in trained)])
for one, two in zip(*weights, strict=True):
    np.testing.assert_allclose(one, two, atol=1e-4)
assert any(np.abs(weight - start).max() > 0.01 for weight, start in zip(weights[0][-len(before):], before))
"""


def test_two_devices_make_the_same_steps():
    """By SGD: AdamW would hide a gradient that is too large."""
    subprocess.run([sys.executable, "-c", TWO_DEVICES], check=True, cwd=Path(__file__).parents[2])
