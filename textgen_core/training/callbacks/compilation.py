"""Makes the programs of all shapes that batches have before the first step counts."""

from __future__ import annotations

from typing import Any

import keras


class Compilation(keras.callbacks.Callback):
    """Takes a step of each shape, and takes it back: no later one then stands still to be compiled first.

    Args:
        examples: a dataset with a batch of each shape.
    """

    def __init__(self, examples: Any) -> None:
        super().__init__()
        self._examples = examples

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Compile."""
        before = self.model.snapshot()
        examples = iter(self.model.distribute_strategy.experimental_distribute_dataset(self._examples))
        for _ in self._examples:
            self.model.train_function(examples)
        self.model.restore(before)
