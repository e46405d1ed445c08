"""A language model as scoring sees it: it reads tokens and says how likely those that follow were."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]


class Reader(Protocol):
    """Reads rows of tokens."""

    @property
    def vocab_size(self) -> int:
        """Ids run from 0 to vocab_size - 1."""

    @property
    def carries_state(self) -> bool:
        """Whether a window can go on where another ended."""

    @property
    def max_context(self) -> int | None:
        """Tokens it can look back on; None for no limit."""

    def read(self, tokens: Ints, following: Ints, state: Any = None) -> tuple[npt.NDArray[np.float32], Any]:
        """Natural log-probabilities [n, t] of following [n, t], each after its token and those before, and the state.

        From a fresh state where state is None; of a state of more than n rows, from its first. The state returned is
        None unless carries_state.
        """


class ModelReader:
    """Reads with a LanguageModel."""

    def __init__(self, model: Any) -> None:
        from textgen_core.models.backend import compiled

        self._model = model
        self.vocab_size: int = model.vocab_size
        self.carries_state: bool = model.carries_state
        self.max_context: int | None = model.max_context
        self._program = compiled(self._carried if model.carries_state else self._fresh)

    def read(self, tokens: Ints, following: Ints, state: Any = None) -> tuple[npt.NDArray[np.float32], Any]:
        """See Reader."""
        if not self.carries_state:
            return np.asarray(self._program(tokens, following)), None
        state = self._model.init_state(len(tokens), 0) if state is None else _first(state, len(tokens))
        logprobs, state = self._program(tokens, following, state)
        return np.asarray(logprobs), state

    def _fresh(self, tokens: Any, following: Any) -> Any:
        return _logprobs(self._model(tokens), following)

    def _carried(self, tokens: Any, following: Any, state: Any) -> Any:
        logits, state = self._model(tokens, state)
        return _logprobs(logits, following), state


def _first(state: Any, rows: int) -> Any:
    from keras import tree

    return tree.map_structure(lambda values: values[:rows], state)


def _logprobs(logits: Any, following: Any) -> Any:
    from keras import ops

    chosen = ops.take_along_axis(logits, following[..., None], axis=-1)[..., 0]
    return chosen - ops.logsumexp(logits, axis=-1)
