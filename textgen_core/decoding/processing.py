"""The processors of a program: what its rows carry for them, and how they are applied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from keras import ops

from textgen_core.decoding.processors import PROCESSORS
from textgen_core.decoding.processors.memory import MEMORY
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.decoding.shapes import history_room, power_of_two
from textgen_core.decoding.states import Rows
from textgen_core.decoding.vocabulary import Vocabulary
from textgen_core.tokenization.interface import END, PAD

FEWEST_PHRASES, SHORTEST_PHRASE = 16, 4
NEVER = -float("inf")


def processors_of(sampler: SamplerSettings) -> frozenset[str]:
    """Names of the processors that are on."""
    fields = SamplerSettings.model_fields
    return frozenset(name for name in PROCESSORS if getattr(sampler, name) != fields[name].default)


@dataclass(frozen=True, slots=True)
class Processing:
    """Processors and the shapes of their leaves, which follow from the row itself.

    Attributes:
        names: in the order of PROCESSORS.
        room: tokens of a history.
        phrases: how many sequences, and the tokens of the longest.
        silent: tokens that are no text, which no row says: PAD, which fills rows, and the one for unknown words.
    """

    names: tuple[str, ...] = ()
    room: int = 0
    phrases: tuple[int, int] = (0, 0)
    silent: tuple[int, ...] = (PAD,)

    @classmethod
    def of(cls, request: Request, names: Iterable[str], capacity: int, vocabulary: Vocabulary) -> Processing:
        """Those of these names, for the rows of one request."""
        on = tuple(name for name in PROCESSORS if name in names)
        room = capacity or history_room(len(request.tokens), request.max_new_tokens)
        phrases = (0, 0)
        if "banned_phrases" in on:
            found = vocabulary.phrases(request.sampler.banned_phrases)
            longest = max(map(len, found), default=0)
            phrases = power_of_two(len(found), FEWEST_PHRASES), power_of_two(longest, SHORTEST_PHRASE)
            room = max(room, phrases[1])
        unremembering = not any("history" in PROCESSORS[name].memory for name in on)
        return cls(on, 0 if unremembering else room, phrases, vocabulary.silent)

    @property
    def remembers(self) -> tuple[str, ...]:
        """What of MEMORY the rows carry."""
        return tuple(name for name in MEMORY if any(name in PROCESSORS[on].memory for on in self.names))

    def fresh(self, requests: Sequence[Request], vocabulary: Vocabulary) -> dict[str, np.ndarray[Any, Any]]:
        """What the rows of requests carry when they begin."""
        if not self.names:
            return {}
        rows = [self._fresh(request, vocabulary) for request in requests]
        return {name: np.stack([row[name] for row in rows]) for name in rows[0]}

    def _fresh(self, request: Request, vocabulary: Vocabulary) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for name in self.names:
            processor = PROCESSORS[name]
            row |= {knob: np.array(getattr(request.sampler, knob), kind) for knob, kind in processor.knobs.items()}
            if processor.table is not None:
                shape = self.phrases if name == "banned_phrases" else ()
                row |= processor.table(request.sampler, vocabulary, *shape)
        prompt = np.array([token for token in request.tokens if token != END], np.int32)
        return row | {name: MEMORY[name].fresh(prompt, self.room, vocabulary.size, row) for name in self.remembers}

    def apply(self, scores: Any, row: Rows) -> Any:
        """Scores [n, vocab] after every processor (in the graph)."""
        for name in self.names:
            scores = PROCESSORS[name].apply(scores, row)
        return scores

    def sayable(self, scores: Any) -> Any:
        """Scores [n, vocab] with the silent tokens banned (in the graph)."""
        for token in self.silent:
            scores = ops.where(ops.arange(scores.shape[1])[None, :] == token, NEVER, scores)
        return scores

    def grown(self, row: Rows, token: Any) -> Rows:
        """What the rows remember after one more token [n] (in the graph)."""
        return {name: MEMORY[name].grown(row, token) for name in self.remembers}
