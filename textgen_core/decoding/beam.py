"""Beam search: a request owns K neighbouring rows, which advance, reorder and retire together.

Every hypothesis that ends is weighed against the best so far, whether or not its last token was among the K likeliest,
and the search goes on until no running one could still overtake the n best: none that it met is ever lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from keras import ops

from textgen_core.decoding.choosing import NEVER, UNPROCESSED, only, own_logprobs, without_pad
from textgen_core.decoding.constraints.steering import CONSTRAINT, moved, permitted
from textgen_core.decoding.groups import Groups
from textgen_core.decoding.processing import Processing
from textgen_core.decoding.request import Request
from textgen_core.decoding.results import ENDED, EXHAUSTED, RUNNING, UNSOUND, Outcome, Trail
from textgen_core.decoding.settings import TILE
from textgen_core.decoding.states import Rows, Step, gather, select
from textgen_core.decoding.vocabulary import Vocabulary
from textgen_core.tokenization.interface import END, PAD

GROUPED = ("rank", "tokens", "logprobs", "length", "ended")
"""What is known of a hypothesis. ``best_`` before them: leaves with those that are over, best first."""


REPORTED = ("status", "drawn", "score", "tokens", "logprobs", *(f"best_{name}" for name in GROUPED))
"""What the host is told after a chunk."""


@dataclass(frozen=True, slots=True)
class Beam:
    """K = beams rows a request, with room for so many tokens. Its processors only ban, so that a score stays the sum of
    the model's own log-probabilities. It is constrained if some request of the job may be.

    Leaves: score [n] (log-probability of a running hypothesis, -inf for none), tokens and logprobs [n, room], drawn
    [n]; of those that are over: best_rank [n] (score / length ** penalty, -inf for none), best_tokens, best_logprobs
    [n, room], best_length [n] (END included), best_ended [n].
    """

    beams: int
    room: int
    processing: Processing = UNPROCESSED
    constrained: bool = False

    @property
    def group(self) -> int:
        """Rows a request owns."""
        return self.beams

    @property
    def _groups(self) -> Groups:
        return Groups(TILE, self.beams)

    def fresh(self, requests: Sequence[Request], vocabulary: Vocabulary) -> dict[str, np.ndarray[Any, Any]]:
        """What the rows of requests carry when they begin: one hypothesis, the empty one."""
        rows = len(requests) * self.beams
        empty = np.full((rows, self.room), PAD, np.int32), np.zeros((rows, self.room), np.float32)

        def of_each(values: Sequence[float], dtype: Any) -> np.ndarray[Any, Any]:
            return np.repeat(np.array(values, dtype), self.beams)

        state = {CONSTRAINT: np.zeros(rows, np.int32)} if self.constrained else {}
        return state | {
            "status": np.full(rows, RUNNING, np.int32),
            "drawn": np.zeros(rows, np.int32),
            "budget": of_each([request.max_new_tokens for request in requests], np.int32),
            "penalty": of_each([request.sampler.length_penalty for request in requests], np.float32),
            "n_best": of_each([request.sampler.n_best for request in requests], np.int32),
            "score": np.where(np.arange(rows) % self.beams == 0, 0, NEVER).astype(np.float32),
            "tokens": empty[0],
            "logprobs": empty[1],
            "best_rank": np.full(rows, NEVER, np.float32),
            "best_tokens": empty[0],
            "best_logprobs": empty[1],
            "best_length": np.zeros(rows, np.int32),
            "best_ended": np.zeros(rows, bool),
            **{n: np.repeat(v, self.beams, axis=0) for n, v in self.processing.fresh(requests, vocabulary).items()},
        }

    def advance(self, step: Step, carry: Rows, steps: int, tables: Rows) -> tuple[Rows, Rows]:
        """Up to steps tokens more for every running group (in the graph). The report is the hypotheses."""

        def running(i: Any, carry: Rows) -> Any:
            return ops.any(carry["status"] == RUNNING) & (i < steps)

        def extend(i: Any, carry: Rows) -> tuple[Any, Rows]:
            token, parent, carry = self._one_token(carry, tables)
            logits, state = step(token, gather(carry["state"], parent))
            return i + 1, {**carry, "logits": logits, "state": state}

        _, carry = ops.while_loop(running, extend, (ops.convert_to_tensor(0, dtype="int32"), carry))
        return carry, {name: carry[name] for name in REPORTED}

    def _one_token(self, carry: Rows, tables: Rows) -> tuple[Any, Any, Rows]:
        """The token that each row reads next, the row whose hypothesis it goes on from, and the carry after that."""
        logprobs, sound = own_logprobs(carry["logits"])
        alive = carry["score"] > NEVER
        allowed = without_pad(self.processing.apply(logprobs, carry))
        after = ops.where(alive[:, None], carry["score"][:, None] + allowed, NEVER)
        if self.constrained:
            after = only(after, permitted(tables, carry[CONSTRAINT], carry["budget"] - carry["drawn"]))
        token, parent, grown = self._grown(carry, after, logprobs)
        last = grown["drawn"] >= carry["budget"]

        ended = self._extended(carry, ops.full_like(parent, END), logprobs[:, END], after[:, END])
        over = [
            {name: carry[f"best_{name}"] for name in GROUPED},
            _ranked(ended, carry["penalty"], ended=True),
            _ranked({**grown, "score": ops.where(last, grown["score"], NEVER)}, carry["penalty"], ended=False),
        ]
        best = self._best(over)

        stuck = ~self._groups.any((grown["score"] > NEVER) | (best["rank"] > NEVER))
        broken = self._groups.any(alive & ~sound) | stuck
        settled = last | self._is_settled(grown["score"], best["rank"], carry)
        new = {**grown, **self._remembered(carry, token, parent)}
        new |= {f"best_{name}": leaf for name, leaf in best.items()}
        if self.constrained:
            new[CONSTRAINT] = moved(tables, ops.take(carry[CONSTRAINT], parent), token)
        running = carry["status"] == RUNNING
        new = select(running & ~broken, new, {name: carry[name] for name in new})
        status = ops.where(broken, UNSOUND, ops.where(settled, ENDED, RUNNING))
        new["status"] = ops.where(running, status, carry["status"])
        return token, parent, {**carry, **new}

    def _grown(self, carry: Rows, after: Any, logprobs: Any) -> tuple[Any, Any, Rows]:
        """Each group's K likeliest continuations that don't end: tokens, the rows they go on from, hypotheses."""
        vocab = after.shape[1]
        going_on = ops.where(ops.arange(vocab)[None, :] == END, NEVER, after)
        scores, tokens = ops.top_k(going_on, min(self.beams, vocab))  # a group's best are among its rows' best
        score, parent, column = self._groups.best(scores)
        token = ops.take(ops.reshape(tokens, (-1,)), parent * tokens.shape[1] + column)
        logprob = ops.take(ops.reshape(logprobs, (-1,)), parent * vocab + token)
        before = gather({name: carry[name] for name in ("tokens", "logprobs", "drawn")}, parent)
        return token, parent, self._extended(before, token, logprob, score)

    def _extended(self, before: Rows, token: Any, logprob: Any, score: Any) -> Rows:
        """Hypotheses with one token more."""
        here = ops.arange(self.room)[None, :] == before["drawn"][:, None]
        return {
            "tokens": ops.where(here, token[:, None], before["tokens"]),
            "logprobs": ops.where(here, logprob[:, None], before["logprobs"]),
            "drawn": before["drawn"] + 1,
            "score": score,
        }

    def _remembered(self, carry: Rows, token: Any, parent: Any) -> Rows:
        """What hypotheses with one token more remember for the processors."""
        before = gather({name: carry[name] for name in self.processing.remembers}, parent)
        return self.processing.grown({**carry, **before}, token)

    def _best(self, pools: Sequence[Rows]) -> Rows:
        """The K best of each group in all pools."""
        rank, row, pool = self._groups.best(ops.stack([p["rank"] for p in pools], axis=1))
        index = pool * TILE + row
        rest = [name for name in GROUPED if name != "rank"]
        return {"rank": rank} | gather({n: ops.concatenate([p[n] for p in pools], axis=0) for n in rest}, index)

    def _is_settled(self, score: Any, rank: Any, carry: Rows) -> Any:
        """Whether no running hypothesis can still overtake the n-th best. At most it ends with the score it has now, at
        the greatest length: scores only fall, and a greater length raises them."""
        reachable = self._groups.split(score / _length_norm(carry["budget"], carry["penalty"]))
        nth = ops.take_along_axis(self._groups.split(rank), self._groups.split(carry["n_best"])[:, :1] - 1, axis=1)
        overtakes = ops.max(reachable, axis=1, keepdims=True) > nth
        return self._groups.join(ops.cast(ops.repeat(overtakes, self.beams, axis=1), "int32")) == 0

    def read(self, report: Rows, owners: Sequence[Trail | None]) -> list[list[Outcome]]:
        """The outcomes of each group that is over, best first."""
        status = np.asarray(report["status"])[:: self.beams]
        over = [owner is not None and status[g] != RUNNING for g, owner in enumerate(owners)]
        if not any(over):
            return [[] for _ in owners]
        leaves = {name: np.asarray(leaf) for name, leaf in report.items()}
        return [
            self._outcomes(leaves, g, owner) if owner is not None and over[g] else [] for g, owner in enumerate(owners)
        ]

    def _outcomes(self, leaves: dict[str, Any], group: int, owner: Trail) -> list[Outcome]:
        outcomes = []
        for rank in range(owner.request.sampler.n_best):
            row = group * self.beams + rank
            if leaves["status"][row] == UNSOUND:
                prefix, length, status, exists = "", leaves["drawn"][row], UNSOUND, leaves["score"][row] > NEVER
            else:
                prefix, length, exists = "best_", leaves["best_length"][row], leaves["best_rank"][row] > NEVER
                status = ENDED if leaves["best_ended"][row] else EXHAUSTED
            if exists or rank == 0:
                trail = owner.anew()
                trail.extend(leaves[prefix + "tokens"][row, :length], leaves[prefix + "logprobs"][row, :length])
                outcomes.append(trail.outcome(status, rank))
        return [replace(outcome, last=outcome is outcomes[-1]) for outcome in outcomes]


def _ranked(hypotheses: Rows, penalty: Any, ended: bool) -> Rows:
    """Hypotheses as those that are over."""
    length = hypotheses["drawn"]
    return {
        "rank": hypotheses["score"] / _length_norm(length, penalty),
        "tokens": hypotheses["tokens"],
        "logprobs": hypotheses["logprobs"],
        "length": length,
        "ended": ops.full_like(length, ended, dtype="bool"),
    }


def _length_norm(length: Any, penalty: Any) -> Any:
    return ops.power(ops.cast(length, "float32"), penalty)
