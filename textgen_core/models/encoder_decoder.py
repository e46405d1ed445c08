"""What all encoder-decoders have in common: a source is read once, as a whole, then a target is written from it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from textgen_core.models.attention import Cache, filled
from textgen_core.models.interface import LanguageModel, State
from textgen_core.models.pairs import in_stream, split
from textgen_core.tokenization.interface import PAD


class EncoderDecoder(LanguageModel):
    """A row of tokens is ``source PAD target``; the PAD is the first token that the decoder reads.

    A family says how it encodes and decodes, and how it begins and goes on step by step. A condition is what the
    encoder made of the source, a nest of tensors with rows first. An empty source is read as one PAD.
    """

    @property
    def reads_source(self) -> bool:
        """It does."""
        return True

    @property
    def carries_state(self) -> bool:
        """Pairs are independent."""
        return False

    @abstractmethod
    def decode(self, tokens: Any, condition: State, training: bool = False) -> tuple[Any, Any]:
        """Logits [n, t, vocab] after each of a target's tokens [n, t], which begin with PAD, and attention.

        Attention is float32 [n, t, s], how much of each position's look at the source falls on each of its tokens; None
        where a model has none.
        """

    @abstractmethod
    def begin(self, tokens: Any, lengths: Any, condition: State, state: State) -> tuple[Any, State]:
        """``prefill`` of a target's tokens [n, t], of row i the first lengths[i], for a source that was encoded."""

    def call(self, tokens: Any, state: State | None = None, training: bool = False) -> Any:
        """See the interface. With a state, which is what ``encode`` gave, tokens are a target that begins with PAD.

        Without, they are whole pairs; logits have a meaning from the PAD on, and are zero before.
        """
        if state is not None:
            return self.decode(tokens, state, training)[0], state
        source, target, _ = split(tokens, ops.full((ops.shape(tokens)[0],), tokens.shape[1], "int32"))
        logits, _ = self.decode(target, self.encode(tokens, source, training), training)
        return in_stream(logits, source)

    def looks(self, source: Sequence[int], target: Sequence[int]) -> np.ndarray | None:
        """Attention float32 [t + 1, s] before each of a target's t tokens, and after the last; None where it has none.

        The source begins with END, as every prompt does.
        """
        condition = self.encode(np.array([source], np.int32), np.array([len(source)], np.int32))
        _, weights = self.decode(np.array([[PAD, *target]], np.int32), condition)
        return None if weights is None else np.asarray(weights)[0]

    def prefill(self, tokens: Any, lengths: Any, state: State) -> tuple[Any, State]:
        """See the interface. A row without PAD is a source, and the decoder then begins. The state must be fresh."""
        source, target, known = split(tokens, lengths)
        return self.begin(target, known, self.encode(tokens, source), state)


def with_room(empty: list[Cache], memory: list[Cache]) -> list[Cache]:
    """What was remembered of a source, in memories of as many positions as the empty ones."""
    return [filled(old, new) for old, new in zip(empty, memory, strict=True)]
