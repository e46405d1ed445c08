"""Recurrent layers with Keras' functions and weights, by the fast scans.

Each works in two parts: ``project`` does what a step needs of its input, which knows nothing of the steps before, and
the other, given that, walks through the steps. Sequences are time-major, as the scans have them.

While training, a share of the recurrent kernel may be dropped (DropConnect, Wan et al. 2013; on this matrix, Merity et
al. 2018): drawn once a call, so the same at every step of the scan and for every row.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from textgen_core.models.dropout import Dropout
from textgen_core.models.half import Half, product
from textgen_core.models.recurrence import gru, gru_cell, gru_states, lstm, lstm_cell, lstm_states

Tensors = tuple[Any, ...]


class LSTM(keras.layers.Layer):
    """``keras.layers.LSTM``'s function and weights, by the fast scan. Its state is (h, c), each [b, units]."""

    half: Half | None = None
    half_recurrent: Half | None = None

    def __init__(self, units: int, weight_dropout: float = 0.0, **options: Any) -> None:
        super().__init__(**options)
        self.units = units
        self.weight_dropout = Dropout(weight_dropout, name="weight_dropout", dtype=self.dtype_policy)

    def build(self, shape: Any) -> None:
        """Make the weights."""
        self.kernel = self.add_weight(shape=(shape[-1], 4 * self.units), initializer="glorot_uniform", name="kernel")
        self.recurrent = self.add_weight(
            shape=(self.units, 4 * self.units), initializer="orthogonal", name="recurrent_kernel"
        )
        self.bias = self.add_weight(shape=(4 * self.units,), initializer=_remembering, name="bias")

    def halve(self) -> None:
        """See ``models.half``; the recurrent kernel is halved in steps alone."""
        self.half, self.half_recurrent = Half(self.kernel), Half(self.recurrent)

    def init_state(self, rows: int) -> Tensors:
        """Zeros."""
        return tuple(ops.zeros((rows, self.units), self.compute_dtype) for _ in range(2))

    def project(self, x: Any) -> Any:
        """Inputs [.., d] to what steps need of them [.., 4 * units]."""
        return product(x, self.half or self.kernel) + ops.cast(self.bias, self.compute_dtype)

    def call(self, projected: Any, state: Tensors, training: bool = False) -> tuple[Any, Tensors]:
        """Outputs [t, b, units] of projected inputs [t, b, 4 * units] and the state after the last step."""
        recurrent = self.weight_dropout(self._recurrent, training=training)
        outputs, h, c = lstm(projected, recurrent, *state)
        return outputs, (h, c)

    def states(self, projected: Any, state: Tensors) -> tuple[Any, tuple[Any, ...]]:
        """As call, but with the states after every step [t, b, units]. Without gradient."""
        hs, cs, _ = lstm_states(projected, self._recurrent, *state)
        return hs, (hs, cs)

    def step(self, projected: Any, state: Tensors) -> tuple[Any, Tensors]:
        """Output [b, units] of a projected input [b, 4 * units] and the state after it."""
        h, c, _ = lstm_cell(projected, self.half_recurrent or self._recurrent, *state)
        return h, (h, c)

    @property
    def _recurrent(self) -> Any:
        return ops.cast(self.recurrent, self.compute_dtype)


class GRU(keras.layers.Layer):
    """``keras.layers.GRU``'s function and weights (reset_after), by the fast scan. Its state is (h,) [b, units]."""

    half: Half | None = None
    half_recurrent: Half | None = None

    def __init__(self, units: int, weight_dropout: float = 0.0, **options: Any) -> None:
        super().__init__(**options)
        self.units = units
        self.weight_dropout = Dropout(weight_dropout, name="weight_dropout", dtype=self.dtype_policy)

    def build(self, shape: Any) -> None:
        """Make the weights."""
        self.kernel = self.add_weight(shape=(shape[-1], 3 * self.units), initializer="glorot_uniform", name="kernel")
        self.recurrent = self.add_weight(
            shape=(self.units, 3 * self.units), initializer="orthogonal", name="recurrent_kernel"
        )
        self.bias = self.add_weight(shape=(2, 3 * self.units), initializer="zeros", name="bias")

    def halve(self) -> None:
        """See ``models.half``; the recurrent kernel is halved in steps alone."""
        self.half, self.half_recurrent = Half(self.kernel), Half(self.recurrent)

    def init_state(self, rows: int) -> Tensors:
        """Zeros."""
        return (ops.zeros((rows, self.units), self.compute_dtype),)

    def project(self, x: Any) -> Any:
        """Inputs [.., d] to what steps need of them [.., 3 * units]."""
        return product(x, self.half or self.kernel) + ops.cast(self.bias[0], self.compute_dtype)

    def call(self, projected: Any, state: Tensors, training: bool = False) -> tuple[Any, Tensors]:
        """Outputs [t, b, units] of projected inputs [t, b, 3 * units] and the state after the last step."""
        kernel, bias = self._recurrent
        kernel = self.weight_dropout(kernel, training=training)
        outputs, h = gru(projected, kernel, bias, *state)
        return outputs, (h,)

    def states(self, projected: Any, state: Tensors) -> tuple[Any, tuple[Any, ...]]:
        """As call, but with the states after every step [t, b, units]. Without gradient."""
        hs, _ = gru_states(projected, *self._recurrent, *state)
        return hs, (hs,)

    def step(self, projected: Any, state: Tensors) -> tuple[Any, Tensors]:
        """Output [b, units] of a projected input [b, 3 * units] and the state after it."""
        kernel, bias = self._recurrent
        h, _ = gru_cell(projected, self.half_recurrent or kernel, bias, *state)
        return h, (h,)

    @property
    def _recurrent(self) -> Tensors:
        return ops.cast(self.recurrent, self.compute_dtype), ops.cast(self.bias[1], self.compute_dtype)


def _remembering(shape: Any, dtype: Any = None) -> Any:
    """A bias of one for the forget gate, of zero for the others (Jozefowicz et al. 2015)."""
    units = shape[0] // 4
    return ops.concatenate([ops.zeros(units, dtype), ops.ones(units, dtype), ops.zeros(2 * units, dtype)])
