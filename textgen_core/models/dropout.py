"""Dropout whose masks cost next to nothing under XLA, whose own random numbers take half a microsecond each on a CPU.

A mask is a pure function of the layer's seed, of the number of the call and of the place in the mask: whole numbers, so
the same with XLA and without it, and with any number of threads.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

GOLDEN = 0x9E3779B9
FOLDS = ((16, 0x7FEB352D), (15, 0x846CA68B), (16, 1))
"""Shifts and factors of a mix in which each bit of the input turns each of the output with a probability next to a half
(Wellons 2018)."""


class Dropout(keras.layers.Layer):
    """Sets a share of its inputs to zero while training, and scales up the others (Srivastava et al. 2014).

    Args:
        rate: the share.
        same_along: an axis along which the same are dropped; None: each input by itself.
    """

    def __init__(self, rate: float, same_along: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.rate, self.same_along = rate, same_along
        self.seeds = keras.random.SeedGenerator() if rate > 0 else None
        self.built = True  # it has no weights; what isn't built, Keras would build by a call of all that it lies in

    def call(self, x: Any, training: bool = False) -> Any:
        """x of any shape, dropped out of if training."""
        if self.seeds is None or not training:
            return x
        shape = list(ops.shape(x))
        if self.same_along is not None:
            shape[self.same_along] = 1
        seed = ops.cast(self.seeds.next(), "uint32")
        words = ops.reshape(random_words(seed, math.prod(shape)), shape)
        return ops.where(words >= _word(int(self.rate * 2**32)), x / (1 - self.rate), ops.zeros_like(x))


def random_words(seed: Any, count: int) -> Any:
    """uint32 [count], a pure function of seed uint32 [2], whose second word counts calls: places, mixed from where both
    words have led."""
    start = _mixed(_mixed(seed[1] + _word(GOLDEN)) + seed[0])
    return _mixed(ops.cast(ops.arange(count, dtype="int32"), "uint32") * _word(GOLDEN) + start)


def _mixed(word: Any) -> Any:
    for shift, factor in FOLDS:
        word = ops.bitwise_xor(word, ops.right_shift(word, _word(shift))) * _word(factor)
    return word


def _word(value: int) -> Any:
    return ops.convert_to_tensor(np.uint32(value))
