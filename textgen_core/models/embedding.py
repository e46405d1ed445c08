"""The embedding that is also the output."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


class TokenEmbedding(keras.layers.Layer):
    """Token ids to vectors, and, where tied, vectors to logits by the same matrix."""

    def __init__(self, vocab_size: int, width: int, stddev: float, tied: bool, **options: Any) -> None:
        super().__init__(**options)
        self.vocab_size, self.width, self.stddev, self.tied = vocab_size, width, stddev, tied

    def build(self, shape: Any = None) -> None:
        """Make the weights."""
        start = keras.initializers.RandomNormal(stddev=self.stddev)
        self.embeddings = self.add_weight(shape=(self.vocab_size, self.width), initializer=start, name="embeddings")
        if not self.tied:
            self.output_kernel = self.add_weight(
                shape=(self.width, self.vocab_size), initializer="glorot_uniform", name="output_kernel"
            )
        self.output_bias = self.add_weight(shape=(self.vocab_size,), initializer="zeros", name="output_bias")

    def call(self, tokens: Any) -> Any:
        """Vectors [.., width] of tokens [..]."""
        return ops.take(ops.cast(self.embeddings, self.compute_dtype), tokens, axis=0)

    def logits(self, hidden: Any) -> Any:
        """Logits float32 [.., vocab] of hidden [.., width]."""
        kernel = ops.transpose(self.embeddings) if self.tied else self.output_kernel
        logits = ops.matmul(hidden, ops.cast(kernel, self.compute_dtype))
        return ops.cast(logits, "float32") + ops.cast(self.output_bias, "float32")
