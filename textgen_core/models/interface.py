"""What a language model is: a Keras model that can also be decoded one token at a time. Every family keeps it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import keras

State = Any
"""A nest of tensors whose first axis is the row: an RNN's cells, a Transformer's KV cache with its lengths."""

Step = Callable[[Any, State], tuple[Any, State]]
"""``LanguageModel.step``'s function."""


class LanguageModel(keras.Model):
    """Logits of the next token, for whole sequences (training, scoring) or step by step (decoding).

    A row's results depend on that row alone. Tokens are int32 ids, logits float32 [.., vocab].
    ``gather`` needs no method of its own: states are nests with rows first (see ``decoding.states``).
    """

    vocab_size: int
    pairs: bool = False
    """Whether it learned from pairs: a prompt is then a source, PAD, and how the target begins."""

    @abstractmethod
    def call(self, tokens: Any, state: State | None = None, training: bool = False) -> Any:
        """Logits [n, t, vocab] after each of tokens [n, t], from a fresh state or from state.

        With state None returns the logits; with a state returns (logits, the state after the last token), for
        families that carry one across windows (``carries_state``).
        """

    @property
    @abstractmethod
    def carries_state(self) -> bool:
        """Whether training may hand the state of one window to the next (truncated back-propagation)."""

    @property
    def scans(self) -> bool:
        """Whether it reads sequences by a loop, over their positions or otherwise, which XLA makes fast on a CPU.

        Matrix products over all positions at once gain too little through XLA for the seconds that compiling takes.
        """
        return False

    @property
    def reads_source(self) -> bool:
        """Whether it is an encoder-decoder: what stands before a row's first PAD is read as a whole, by ``encode``."""
        return False

    def encode(self, source: Any, lengths: Any, training: bool = False) -> State:
        """The state from which ``call`` reads targets: sources [n, s], of row i the first lengths[i].

        Only families that read one have it.
        """
        raise NotImplementedError

    @property
    @abstractmethod
    def max_context(self) -> int | None:
        """Tokens the model can look back on, and so a row's limit of prompt + continuation; None for no limit."""

    @property
    def grows(self) -> bool:
        """Whether a state has room for a number of positions. Those of a model without a limit are of one size."""
        return self.max_context is not None

    @abstractmethod
    def init_state(self, rows: int, capacity: int, condition: Any = None) -> State:
        """A fresh state of capacity positions a row or more. condition: what an encoder-decoder's encoder read.

        A row's bits must not depend on the capacity, as long as it is enough.
        """

    @abstractmethod
    def prefill(self, tokens: Any, lengths: Any, state: State) -> tuple[Any, State]:
        """Read prompts: tokens [n, t], of row i the first lengths[i] (>= 1); the rest is garbage without effect.

        Returns the logits [n, vocab] after each row's last token, and the state.
        """

    @abstractmethod
    def step(self, tokens: Any, state: State) -> tuple[Any, State]:
        """Read one token for every row: tokens [n] -> logits [n, vocab], state."""

    def stepper(self) -> Step:
        """``step`` for a loop: what depends on weights alone may be computed here, once, before it."""
        return self.step
