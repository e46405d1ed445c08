"""Language models small enough to know exactly: for tests, for documentation, for trying a sampler out."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from textgen_core.models.interface import LanguageModel, State


class MarkovModel(LanguageModel):
    """The next token's logits stand in a table, indexed by the last tokens.

    Args:
        table: [vocab] * (order + 1) float32; table[a, b] are the logits after tokens a, b in an order-2 model. Before
            the first token of a row there are zeros.
        max_context: a limit to play with; the model itself has none.
    """

    def __init__(self, table: np.ndarray[Any, Any], max_context: int | None = None) -> None:
        super().__init__(name="markov")
        self.vocab_size = table.shape[-1]
        self._order = table.ndim - 1
        self._table = np.asarray(table, np.float32).reshape(-1, self.vocab_size)
        self._max_context = max_context
        self.built = True

    @property
    def carries_state(self) -> bool:
        """The last tokens can be handed on."""
        return True

    @property
    def max_context(self) -> int | None:
        """The limit that it was made with."""
        return self._max_context

    def init_state(self, rows: int, capacity: int = 0, condition: Any = None) -> State:
        """The last order tokens, [rows, order]."""
        return {"last": ops.zeros((rows, self._order), dtype="int32")}

    def call(self, tokens: Any, state: State | None = None, training: bool = False) -> Any:
        """See the interface."""
        rows, length = tokens.shape
        before = self.init_state(rows) if state is None else state
        history = ops.concatenate([before["last"], ops.cast(tokens, "int32")], axis=1)
        windows = [history[:, i + 1 : i + 1 + self._order] for i in range(length)]
        logits = ops.stack([self._logits(window) for window in windows], axis=1)
        return logits if state is None else (logits, {"last": windows[-1]})

    def prefill(self, tokens: Any, lengths: Any, state: State) -> tuple[Any, State]:
        """See the interface."""
        history = ops.concatenate([state["last"], ops.cast(tokens, "int32")], axis=1)
        last = ops.take_along_axis(history, lengths[:, None] + ops.arange(self._order)[None, :], axis=1)
        return self._logits(last), {"last": last}

    def step(self, tokens: Any, state: State) -> tuple[Any, State]:
        """See the interface."""
        last = ops.concatenate([state["last"][:, 1:], ops.cast(tokens, "int32")[:, None]], axis=1)
        return self._logits(last), {"last": last}

    def _logits(self, last: Any) -> Any:
        places = np.array([self.vocab_size**i for i in reversed(range(self._order))], np.int32)
        return ops.take(ops.convert_to_tensor(self._table), ops.sum(last * places, axis=1), axis=0)


class UniformModel(MarkovModel):
    """Every token is as likely as any other."""

    def __init__(self, vocab_size: int, max_context: int | None = None) -> None:
        super().__init__(np.zeros((vocab_size, vocab_size)), max_context)
