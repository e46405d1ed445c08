"""Products with weights in half precision, for models that only decode.

Faster where a processor has instructions for bfloat16 (``benchmarks/half_peers.py``). Factors are bfloat16, sums
float32, and all between the products stays float32.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from textgen_core.models.backend import half_product, variable
from textgen_core.models.interface import LanguageModel


class Half:
    """A matrix of weights [k, m] in bfloat16.

    It is kept as [m, k]: beside columns of a few rows XLA reads it where it lies, instead of packing it for every
    product.
    """

    def __init__(self, matrix: Any) -> None:
        self.shape = tuple(matrix.shape)
        self._turned = variable(ops.cast(ops.transpose(matrix), "bfloat16"))

    def times(self, x: Any) -> Any:
        """x [.., k] times the matrix: [.., m] in x's type. Through XLA only."""
        columns = ops.transpose(ops.reshape(x, (-1, self.shape[0])))
        products = half_product(self._turned, columns)
        return ops.cast(ops.reshape(ops.transpose(products), (*x.shape[:-1], self.shape[1])), x.dtype)


def product(x: Any, matrix: Any) -> Any:
    """x [.., k] times a matrix [k, m], whole or half: [.., m]."""
    return matrix.times(x) if isinstance(matrix, Half) else ops.matmul(x, ops.cast(matrix, x.dtype))


def halve(model: LanguageModel) -> None:
    """Have a model multiply by its weights in bfloat16 from now on, as they are now.

    What it computes must go through XLA then, and it can't learn. Weights are rounded to 8 bits: ``benchmarks/half.py``
    measures what that costs.
    """
    for layer in model._flatten_layers(include_self=False):  # Keras has no public way to a model's inner layers
        if hasattr(layer, "halve"):
            layer.halve()
