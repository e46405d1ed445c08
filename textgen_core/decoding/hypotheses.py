"""Hypotheses: the continuations of one request that a search keeps at once, in neighbouring rows.

They advance, reorder and retire together. What is common to all searches is here; which hypotheses go on, and when a
search is over, is for each to say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from keras import ops

from textgen_core.decoding.choosing import UNPROCESSED, only
from textgen_core.decoding.constraints.steering import CONSTRAINT, moved, permitted
from textgen_core.decoding.groups import Groups
from textgen_core.decoding.processing import Processing
from textgen_core.decoding.request import Request
from textgen_core.decoding.results import RUNNING
from textgen_core.decoding.settings import TILE
from textgen_core.decoding.states import Rows, Step, gather
from textgen_core.decoding.vocabulary import Vocabulary
from textgen_core.tokenization.interface import PAD

Searched = tuple[Any, Any, Rows]
"""The token [n] that each row reads next, the row [n] whose state it goes on from, and the carry after that."""


@dataclass(frozen=True, slots=True)
class Hypotheses:
    """beams rows a request, with room for so many tokens; constrained if some request of the job may be.

    Leaves: tokens int32 and logprobs float32 (the model's own) [n, room]; drawn [n], how many of them there are; budget
    [n], how many there may be; and what the processors and the constraint carry.
    """

    beams: int
    room: int
    processing: Processing = UNPROCESSED
    constrained: bool = False

    @property
    def groups(self) -> Groups:
        """The rows of a tile by request."""
        return Groups(TILE, self.beams)

    def fresh(self, requests: Sequence[Request], vocabulary: Vocabulary) -> dict[str, np.ndarray[Any, Any]]:
        """What the rows of requests carry when they begin: nothing has been said."""
        rows = len(requests) * self.beams
        state = {CONSTRAINT: np.zeros(rows, np.int32)} if self.constrained else {}
        return state | {
            "drawn": np.zeros(rows, np.int32),
            "budget": self.of_each([request.max_new_tokens for request in requests], np.int32),
            "tokens": np.full((rows, self.room), PAD, np.int32),
            "logprobs": np.zeros((rows, self.room), np.float32),
            **{name: self.of_each(leaf) for name, leaf in self.processing.fresh(requests, vocabulary).items()},
        }

    def of_each(self, values: Any, dtype: Any = None) -> np.ndarray[Any, Any]:
        """A value of each request, in each of its rows."""
        return np.repeat(np.asarray(values, dtype), self.beams, axis=0)

    def search(
        self, step: Step, carry: Rows, steps: int, one_token: Callable[[Rows], Searched], reported: Sequence[str]
    ) -> tuple[Rows, Rows]:
        """Up to steps tokens more for every running group (in the graph): the carry, and the leaves reported of it.

        Two at a time: a state that is reordered needs another place, and is copied back from there after every pass
        through the loop unless the pass ends where it began.
        """

        strides = 2 if steps % 2 == 0 else 1

        def running(i: Any, carry: Rows) -> Any:
            return ops.any(carry["status"] == RUNNING) & (i < steps)

        def extend(i: Any, carry: Rows) -> tuple[Any, Rows]:
            for _ in range(strides):
                token, parent, carry = one_token(carry)
                logits, state = step(token, gather(carry["state"], parent))
                carry = {**carry, "logits": logits, "state": state}
            return i + strides, carry

        _, carry = ops.while_loop(running, extend, (ops.convert_to_tensor(0, dtype="int32"), carry))
        return carry, {name: carry[name] for name in reported}

    def allowed(self, scores: Any, carry: Rows, tables: Rows) -> Any:
        """Scores [n, vocab] after the processors, without silent tokens and what a constraint does not permit."""
        permits = permitted(tables, carry[CONSTRAINT], carry["budget"] - carry["drawn"]) if self.constrained else None
        return only(self.processing.sayable(self.processing.apply(scores, carry)), permits)

    def best(self, scores: Any) -> tuple[Any, Any, Any]:
        """Each group's K best continuations among scores [n, vocab], the best first: score, token and parent row."""
        best, tokens = ops.top_k(scores, min(self.beams, scores.shape[1]))  # a group's best are among its rows' best
        score, parent, column = self.groups.best(best)
        return score, ops.take(ops.reshape(tokens, (-1,)), parent * tokens.shape[1] + column), parent

    def extended(self, before: Rows, token: Any, logprob: Any) -> Rows:
        """The leaves tokens, logprobs and drawn of hypotheses with one token more."""
        here = ops.arange(self.room)[None, :] == before["drawn"][:, None]
        return {
            "tokens": ops.where(here, token[:, None], before["tokens"]),
            "logprobs": ops.where(here, logprob[:, None], before["logprobs"]),
            "drawn": before["drawn"] + 1,
        }

    def grown(self, carry: Rows, token: Any, parent: Any, logprobs: Any, tables: Rows) -> Rows:
        """The leaves of the hypotheses in row parent [n] after one token [n] more; logprobs [n, vocab] are its own."""
        logprob = ops.take(ops.reshape(logprobs, (-1,)), parent * logprobs.shape[1] + token)
        moving = ("tokens", "logprobs", "drawn", *self.processing.remembers)
        before = gather({name: carry[name] for name in moving}, parent)
        state = {CONSTRAINT: moved(tables, ops.take(carry[CONSTRAINT], parent), token)} if self.constrained else {}
        return state | self.extended(before, token, logprob) | self.processing.grown({**carry, **before}, token)
