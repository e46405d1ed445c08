"""Muon: matrices move by turned and stretched gradients, whatever is no such matrix as AdamW has it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.training.families import BY_GRADIENTS, ON_PAIRS, OPTIONS
from textgen_core.models.families import build_model
from textgen_core.models.settings import TransformerSettings
from textgen_core.training.filling import ADAMW_RATE
from textgen_core.training.optimizer import make_optimizer
from textgen_core.training.settings import TrainingSettings

GPT2 = TransformerSettings(layers=1, width=16, heads=2, context=8, norm="layer", positions="learned", biases="layers")
RATE = 0.01


def settings_of(model, **change):
    return TrainingSettings(preset="tiny", model=model, optimizer="muon", tokens="t", output="o", **change)


def moves(model, settings, gradients):
    """Each weight before one step, and what that takes from it, by its path."""
    weights = build_model(model, 11).trainable_variables
    before = [weight.numpy() for weight in weights]
    optimizer = make_optimizer(settings, RATE, weights)
    optimizer.apply_gradients([(gradients(weight.shape).astype("float32"), weight) for weight in weights])
    return {weight.path: (old, old - weight.numpy()) for old, weight in zip(before, weights, strict=True)}


def normal(shape):
    return np.random.default_rng(len(shape)).normal(size=shape)


@pytest.mark.parametrize("tied", [True, False])
def test_matrices_are_moved_alike_in_all_directions_and_the_rest_by_its_signs(tied):
    """The first step: of AdamW it is the gradient's sign; of Muon a matrix whose singular values are about one, times
    0.2 of the root of its longer side (Liu et al. 2025)."""
    model = GPT2.model_copy(update={"tied": tied})
    moved = {path: move for path, (_, move) in moves(model, settings_of(model), normal).items()}
    matrices = {path: move for path, move in moved.items() if path.endswith("/kernel")}
    assert len(matrices) == 4, "qkv, merge, and two of the feed-forward"
    for path, move in moved.items():
        if path in matrices:
            sizes = np.linalg.svd(move, compute_uv=False) / (RATE * 0.2 * max(move.shape) ** 0.5)
            assert sizes.min() > 0.5 and sizes.max() < 1.3, path
            left, _, right = np.linalg.svd(normal(move.shape), full_matrices=False)
            assert np.sum(move * (left @ right)) > 0.97 * np.linalg.norm(move) * np.linalg.norm(left @ right), path
        else:
            np.testing.assert_allclose(move, ADAMW_RATE * RATE * np.sign(normal(move.shape)), rtol=1e-3, err_msg=path)


@pytest.mark.parametrize("tied", [True, False])
def test_matrices_decay_at_the_rate_they_move_at_and_nothing_else_does(tied):
    """A step without gradients."""
    model, rates = GPT2.model_copy(update={"tied": tied}), {"kernel": RATE, "output_kernel": ADAMW_RATE * RATE}
    for path, (before, move) in moves(model, settings_of(model, weight_decay=0.5), np.zeros).items():
        np.testing.assert_allclose(move, 0.5 * rates.get(path.split("/")[-1], 0) * before, atol=1e-7, err_msg=path)


@pytest.mark.parametrize("family", [*BY_GRADIENTS, *ON_PAIRS])
def test_every_family_can_learn_by_it(family):
    model = OPTIONS[family].model
    moved = moves(model, settings_of(model), normal)
    assert all(np.isfinite(move).all() and np.any(move) for _, move in moved.values())
    for path, (_, move) in moved.items():
        if "bias" in path:
            np.testing.assert_allclose(np.abs(move), ADAMW_RATE * RATE, rtol=1e-2, err_msg=path)


TWO_DEVICES = """
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import keras
import numpy as np
from tests.training.test_optimizer import GPT2, settings_of
from textgen_core.models.backend import placement
from textgen_core.training import trainer
from textgen_core.training.learner import dataset
from textgen_core.training.schedule import WarmupCosine
ends = []
for replicas in (1, 2):
    settings = settings_of(GPT2, batch_size=4, window=8, replicas=replicas, weight_decay=0.1)
    stream = (np.arange(999) ** 2 % 11).astype("uint16")
    with placement("cpu", replicas).scope():
        keras.utils.set_random_seed(1)
        data, rate = trainer.Data(stream, stream, 11, {}), WarmupCosine(0.01, 0, 9, 1.0)
        learner = trainer.make_learner(settings, data, rate, "float32")
        before = [weight.numpy() for weight in learner.model.weights]
    batches = trainer.make_batches(settings, learner.model, stream)
    learner.fit(dataset(batches, range(5)), steps_per_epoch=5, shuffle=False, verbose=0)
    ends.append([weight.numpy() for weight in learner.model.weights])
for one, two in zip(*ends, strict=True):
    np.testing.assert_allclose(one, two, atol=2e-4)
assert all(np.abs(weight - start).max() > 1e-3 for weight, start in zip(ends[0], before, strict=True))
"""


def test_two_devices_make_the_same_steps():
    subprocess.run([sys.executable, "-c", TWO_DEVICES], check=True, cwd=Path(__file__).parents[2])
