"""A language model as something that Keras can fit: one step of likelihood training, on one device or several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from textgen_core.models.backend import compiled
from textgen_core.models.interface import LanguageModel
from textgen_core.tokenization.interface import PAD
from textgen_core.training.batches import Batch, Batches
from textgen_core.training.loss import mean_nll, without_pad
from textgen_core.training.pairs import PairBatch
from textgen_core.training.pairs_by_length import PairsByLength


class Learner(keras.Model):
    """Holds the model and, for families that carry one, the state that its rows are in.

    Args:
        model: what learns.
        rows: rows a replica computes in each step; of pairs, in one of the whole window.
        clip_norm: the largest norm of the gradient over all weights.
        parts: the rows are computed in so many parts, one after the other.
    """

    def __init__(self, model: LanguageModel, rows: int, clip_norm: float, parts: int = 1) -> None:
        super().__init__(name="learner")
        self.model, self.clip_norm, self.parts = model, clip_norm, parts
        self._kind = PairBatch if model.reads_source else Batch
        self._part_rows = rows // parts
        self.carried = [[_slot(leaf) for leaf in keras.tree.flatten(self._fresh_state())] for _ in range(parts)]
        self.targets: float | None = None
        """Targets that a batch has on average, where batches differ. Their losses then count alike in all of them: else
        those of a batch of few, short pairs would count more than others."""
        self.train_function: Any = None
        self.built = True

    def make_train_function(self, force: bool = False) -> None:
        """Set train_function, which takes an iterator of batches. Keras' own would have one program for batches of
        several shapes, in which no shape is known."""
        if self.train_function is not None and not force:
            return
        program = compiled(self._replicated_step, xla=self.jit_compile)
        self.train_function = lambda iterator: program(next(iterator))

    def _replicated_step(self, data: Any) -> dict[str, Any]:
        made = self.distribute_strategy.run(self.train_step, args=(data,))
        weighed, weight = (
            self.distribute_strategy.reduce("MEAN", made[name], axis=None) for name in ("weighed", "weight")
        )
        return {"loss": weighed / weight, "weight": weight}

    def _fresh_state(self) -> Any:
        return self.model.init_state(self._part_rows, 0) if self.model.carries_state else []

    def train_step(self, data: Any) -> dict[str, Any]:
        """One update from a batch; the mean loss before it times its weight, and that."""
        weights = self.model.trainable_variables
        shares = without_pad(self._kind(*data).targets) if self.model.pairs else None
        parts = (self._gradients(data, shares, part, weights) for part in range(self.parts))
        losses, gradients = zip(*parts, strict=True)
        weight = self._weight(self._kind(*data).targets)
        mean = [weight * sum(own) / self.parts for own in zip(*gradients, strict=True)]
        self.optimizer.apply_gradients(zip(self._clipped(mean), weights, strict=True))
        return {"weighed": weight * sum(losses) / self.parts, "weight": weight}

    def _weight(self, targets: Any) -> Any:
        """How much a replica's mean loss counts, 1 on average."""
        if self.targets is None:
            return ops.ones(())
        expected = self.targets / self.distribute_strategy.num_replicas_in_sync
        return ops.sum(ops.cast(targets != PAD, "float32")) / expected

    def _gradients(self, data: Any, shares: Any, part: int, weights: list[Any]) -> tuple[Any, list[Any]]:
        size = data[0].shape[0] // self.parts
        rows = slice(part * size, (part + 1) * size)
        batch = self._kind(*(values[rows] for values in data))
        share = None if shares is None else shares[rows]
        with tf.GradientTape() as tape:
            loss = mean_nll(self._logits(batch, self.carried[part]), batch.targets, share)
        return loss, [tf.convert_to_tensor(gradient) for gradient in tape.gradient(loss, weights)]

    def _logits(self, batch: Any, carried: Any) -> Any:
        if self.model.reads_source:
            return logits_of_pairs(self.model, batch, training=True)
        return self._logits_of_stream(batch.tokens, batch.fresh, carried)

    def _logits_of_stream(self, tokens: Any, fresh: Any, carried: Any) -> Any:
        if not self.model.carries_state:
            return self.model(tokens, training=True)
        before = keras.tree.pack_sequence_as(self._fresh_state(), [_kept(leaf.value, fresh) for leaf in carried])
        logits, after = self.model(tokens, before, training=True)
        for leaf, new in zip(carried, keras.tree.flatten(after), strict=True):
            leaf.assign(new)
        return logits

    def _clipped(self, gradients: list[Any]) -> list[Any]:
        """Mean over the replicas, then cut. Keras would cut each replica's own, and so train differently on several.

        Keras adds up what the replicas hand it, so each hands an equal share.
        """
        replicas = tf.distribute.get_replica_context()
        count = replicas.num_replicas_in_sync
        if count > 1:
            gradients = replicas.all_reduce(tf.distribute.ReduceOp.MEAN, gradients)
        cut, _ = tf.clip_by_global_norm(gradients, self.clip_norm)
        return [gradient / count for gradient in cut]

    def snapshot(self) -> dict[str, np.ndarray]:
        """All that a step changes, by name: weights, optimizer, dropout's seeds, carried states of every replica."""
        return {name: variable.numpy() for name, variable in self._everything().items()}

    def restore(self, snapshot: dict[str, np.ndarray]) -> None:
        """Put a snapshot back."""
        for name, variable in self._everything().items():
            variable.assign(snapshot[name])

    def _everything(self) -> dict[str, Any]:
        named = {f"model/{i}": variable for i, variable in enumerate(self.model.variables)}
        named |= {f"optimizer/{i}": variable for i, variable in enumerate(self.optimizer.variables)}
        for i, leaf in enumerate(keras.tree.flatten(self.carried)):
            copies = getattr(leaf.value, "values", [leaf.value])
            named |= {f"carried/{i}/{replica}": copy for replica, copy in enumerate(copies)}
        return named


def _slot(leaf: Any) -> keras.Variable:
    """A variable for a leaf of the state. Each replica has rows of its own, so its copies must be free to differ."""
    return keras.Variable(ops.zeros_like(leaf), dtype=leaf.dtype, trainable=False, synchronization="on_read")


def _kept(state: Any, fresh: Any) -> Any:
    """The state [n, ..], zero where fresh [n]."""
    return ops.where(ops.reshape(fresh, (-1,) + (1,) * (len(state.shape) - 1)) > 0, ops.zeros_like(state), state)


def logits_of_pairs(model: LanguageModel, batch: PairBatch, training: bool = False) -> Any:
    """Logits [n, t, vocab] of an encoder-decoder after each of the targets' tokens."""
    condition = model.encode(batch.source, batch.lengths, training=training)
    return model(batch.tokens, condition, training=training)[0]


def dataset(batches: Batches, numbers: Sequence[int]) -> Any:
    """The batches of these numbers, read ahead of the device."""

    def generate() -> Any:
        for number in numbers:
            yield batches[number]

    example = batches[numbers[0]]
    shapes = [[None] * values.ndim if isinstance(batches, PairsByLength) else values.shape for values in example]
    signature = tuple(tf.TensorSpec(shape, values.dtype) for shape, values in zip(shapes, example, strict=True))
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    options.autotune.enabled = False  # its thread sleeps for up to a minute, and at the end is waited for
    return tf.data.Dataset.from_generator(generate, output_signature=signature).prefetch(2).with_options(options)
