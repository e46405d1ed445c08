"""Beam search: the likeliest continuations, as far as K hypotheses at a time lead to them.

Every hypothesis that ends is weighed against the best so far, whether or not its last token was among the K likeliest,
and by the rule ``exact`` the search goes on until no running one could still overtake the n best: none that it met is
ever lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from keras import ops

from textgen_core.decoding.choosing import own_logprobs
from textgen_core.decoding.early_stopping import RULES, is_settled, length_norm, those_counted
from textgen_core.decoding.hypotheses import Hypotheses, Searched
from textgen_core.decoding.processing import NEVER
from textgen_core.decoding.request import Request
from textgen_core.decoding.results import ENDED, EXHAUSTED, RUNNING, UNSOUND, Outcome, Trail
from textgen_core.decoding.settings import TILE
from textgen_core.decoding.states import Rows, Step, gather, select
from textgen_core.decoding.vocabulary import Vocabulary
from textgen_core.tokenization.interface import END

GROUPED = ("rank", "tokens", "logprobs", "length", "ended")
"""What is known of a hypothesis. ``best_`` before them: leaves with those that are over, best first."""


REPORTED = ("status", "drawn", "score", "tokens", "logprobs", *(f"best_{name}" for name in GROUPED))
"""What the host is told after a chunk."""


@dataclass(frozen=True, slots=True)
class Beam:
    """Its processors only ban, so that a score stays the sum of the model's own log-probabilities.

    Leaves beside those of the hypotheses: score [n] (log-probability of a running hypothesis, -inf for none); of those
    that are over: best_rank [n] (score / length ** penalty, -inf for none), best_tokens, best_logprobs [n, room],
    best_length [n] (END included), best_ended [n]; and counted [n], what early stopping goes by.
    """

    hypotheses: Hypotheses

    @property
    def group(self) -> int:
        """Rows a request owns."""
        return self.hypotheses.beams

    def fresh(self, requests: Sequence[Request], vocabulary: Vocabulary) -> dict[str, np.ndarray[Any, Any]]:
        """What the rows of requests carry when they begin: one hypothesis, the empty one."""
        common, samplers = self.hypotheses.fresh(requests, vocabulary), [request.sampler for request in requests]
        of_each, rows = self.hypotheses.of_each, len(requests) * self.group
        return common | {
            "status": np.full(rows, RUNNING, np.int32),
            "penalty": of_each([sampler.length_penalty for sampler in samplers], np.float32),
            "n_best": of_each([sampler.n_best for sampler in samplers], np.int32),
            "stopping": of_each([RULES.index(sampler.early_stopping) for sampler in samplers], np.int32),
            "score": np.where(np.arange(rows) % self.group == 0, 0, NEVER).astype(np.float32),
            "counted": np.full(rows, NEVER, np.float32),
            "best_rank": np.full(rows, NEVER, np.float32),
            "best_tokens": common["tokens"],
            "best_logprobs": common["logprobs"],
            "best_length": np.zeros(rows, np.int32),
            "best_ended": np.zeros(rows, bool),
        }

    def advance(self, step: Step, carry: Rows, steps: int, tables: Rows) -> tuple[Rows, Rows]:
        """Up to steps tokens more for every running group (in the graph). The report is the hypotheses."""
        return self.hypotheses.search(step, carry, steps, lambda carry: self._one_token(carry, tables), REPORTED)

    def _one_token(self, carry: Rows, tables: Rows) -> Searched:
        groups = self.hypotheses.groups
        logprobs, sound = own_logprobs(carry["logits"])
        alive = carry["score"] > NEVER
        allowed = self.hypotheses.allowed(logprobs, carry, tables)
        after = ops.where(alive[:, None], carry["score"][:, None] + allowed, NEVER)
        ends = ops.arange(after.shape[1])[None, :] == END
        score, token, parent = self.hypotheses.best(ops.where(ends, NEVER, after))
        grown = {**self.hypotheses.grown(carry, token, parent, logprobs, tables), "score": score}
        last = grown["drawn"] >= carry["budget"]

        ended = self.hypotheses.extended(carry, ops.full_like(parent, END), logprobs[:, END])
        ended = _ranked({**ended, "score": after[:, END]}, carry["penalty"], ended=True)
        cut = _ranked({**grown, "score": ops.where(last, score, NEVER)}, carry["penalty"], ended=False)
        best = self._best([{name: carry[f"best_{name}"] for name in GROUPED}, ended, cut])
        counted = those_counted(groups, carry["counted"], ended["rank"], after[:, END], score)

        stuck = ~groups.any((score > NEVER) | (best["rank"] > NEVER))
        broken = groups.any(alive & ~sound) | stuck
        settled = last | is_settled(groups, grown, best["rank"], counted, carry)
        new = {**grown, "counted": counted, **{f"best_{name}": leaf for name, leaf in best.items()}}
        running = carry["status"] == RUNNING
        new = select(running & ~broken, new, {name: carry[name] for name in new})
        status = ops.where(broken, UNSOUND, ops.where(settled, ENDED, RUNNING))
        new["status"] = ops.where(running, status, carry["status"])
        return token, parent, {**carry, **new}

    def _best(self, pools: Sequence[Rows]) -> Rows:
        """The K best of each group in all pools."""
        rank, row, pool = self.hypotheses.groups.best(ops.stack([p["rank"] for p in pools], axis=1))
        index = pool * TILE + row
        rest = [name for name in GROUPED if name != "rank"]
        return {"rank": rank} | gather({n: ops.concatenate([p[n] for p in pools], axis=0) for n in rest}, index)

    def read(self, report: Rows, owners: Sequence[Trail | None]) -> list[list[Outcome]]:
        """The outcomes of each group that is over, best first."""
        status = np.asarray(report["status"])[:: self.group]
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
            row = group * self.group + rank
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
        "rank": hypotheses["score"] / length_norm(length, penalty),
        "tokens": hypotheses["tokens"],
        "logprobs": hypotheses["logprobs"],
        "length": length,
        "ended": ops.full_like(length, ended, dtype="bool"),
    }
