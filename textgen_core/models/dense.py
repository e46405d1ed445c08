"""A dense layer whose product can be in half precision."""

from __future__ import annotations

from typing import Any

import keras

from textgen_core.models.half import Half


class Dense(keras.layers.Dense):
    """Keras's own, and ``halve``."""

    half: Half | None = None

    def halve(self) -> None:
        """See ``models.half``."""
        self.half = Half(self.kernel)

    def call(self, x: Any) -> Any:
        """Outputs [.., units] of x [.., k]."""
        if self.half is None:
            return super().call(x)
        outputs = self.half.times(x)
        return self.activation(outputs if self.bias is None else outputs + self.bias)
