"""Stochastic beam search (Kool, van Hoof and Welling 2019, "Stochastic beams and where to find them").

K different continuations, drawn without replacement from all those that sampling with the same knobs could give.
Gumbel noise on the log-probability of every whole continuation would do that: the K highest are such a sample. The
search finds them without looking at all. A beginning is as high as the highest of what it leads to, and that is a
Gumbel around its own log-probability: the noise of beginnings is drawn first, and that of what follows on this
condition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from keras import ops

from textgen_core.decoding.choosing import own_logprobs, truncated
from textgen_core.decoding.hypotheses import Hypotheses, Searched
from textgen_core.decoding.noise import gumbels, keys_of, row_key
from textgen_core.decoding.perturbing import with_maximum
from textgen_core.decoding.processing import NEVER
from textgen_core.decoding.request import Request
from textgen_core.decoding.results import ENDED, EXHAUSTED, IDLE, RUNNING, UNSOUND, Outcome, Trail
from textgen_core.decoding.sampling import knobs_of
from textgen_core.decoding.states import Rows, Step, select
from textgen_core.decoding.vocabulary import Vocabulary
from textgen_core.tokenization.interface import END, PAD

REPORTED = ("status", "drawn", "tokens", "logprobs")
"""What the host is told after a chunk."""


@dataclass(frozen=True, slots=True)
class StochasticBeam:
    """features are the truncations of the whole job, in the order that the request asks for.

    A hypothesis that is over stays among the others until K are higher; it goes on with PAD and nothing else. One that
    can't go on, its logits being no numbers or all its tokens banned, is over, too. Each has a status of its own, and a
    row without one is IDLE.

    Leaves beside those of the hypotheses: status [n]; likelihood [n], log-probability in the distributions that are
    drawn from; perturbed [n], the same with noise, -inf for none; key uint32 [n, 2], the name of its noise, which
    follows from its tokens; and each truncation's knob [n].
    """

    hypotheses: Hypotheses
    features: tuple[str, ...] = ()

    @property
    def group(self) -> int:
        """Rows a request owns."""
        return self.hypotheses.beams

    def fresh(self, requests: Sequence[Request], vocabulary: Vocabulary) -> dict[str, np.ndarray[Any, Any]]:
        """What the rows of requests carry when they begin: one hypothesis, the empty one."""
        first = np.arange(len(requests) * self.group) % self.group == 0
        leaves = knobs_of([request.sampler for request in requests], self.features)
        leaves["key"] = np.stack([row_key(request.seed, request.key, request.sample_index) for request in requests])
        return self.hypotheses.fresh(requests, vocabulary) | {
            "status": np.where(first, RUNNING, IDLE).astype(np.int32),
            "likelihood": np.zeros(len(first), np.float32),
            "perturbed": np.where(first, 0, NEVER).astype(np.float32),
            **{name: self.hypotheses.of_each(leaf) for name, leaf in leaves.items()},
        }

    def advance(self, step: Step, carry: Rows, steps: int, tables: Rows) -> tuple[Rows, Rows]:
        """Up to steps tokens more for every running group (in the graph). The report is the hypotheses."""
        return self.hypotheses.search(step, carry, steps, lambda carry: self._one_token(carry, tables), REPORTED)

    def _one_token(self, carry: Rows, tables: Rows) -> Searched:
        logprobs, likelihood, goes_on = self._continuations(carry, tables)
        vocab = logprobs.shape[1]
        noisy = with_maximum(likelihood + gumbels(carry["key"], vocab), carry["perturbed"])
        stays = ops.where(ops.arange(vocab)[None, :] == PAD, carry["perturbed"][:, None], NEVER)
        perturbed, token, parent = self.hypotheses.best(ops.where(goes_on[:, None], noisy, stays))

        stayed = token == PAD
        grown = self.hypotheses.grown(carry, token, parent, logprobs, tables)
        before = ops.where((carry["status"] == RUNNING) & ~goes_on, UNSOUND, carry["status"])
        after = ops.where(grown["drawn"] >= carry["budget"], EXHAUSTED, RUNNING)
        status = ops.where(stayed, ops.take(before, parent), ops.where(token == END, ENDED, after))
        new = grown | {
            "drawn": grown["drawn"] - ops.cast(stayed, "int32"),
            "status": ops.where(perturbed > NEVER, status, IDLE),
            "likelihood": ops.take(ops.reshape(likelihood, (-1,)), parent * vocab + token),
            "perturbed": perturbed,
            "key": keys_of(ops.take(carry["key"], parent, axis=0), token),
        }
        running = self.hypotheses.groups.any(carry["status"] == RUNNING)
        return token, parent, {**carry, **select(running, new, {name: carry[name] for name in new})}

    def _continuations(self, carry: Rows, tables: Rows) -> tuple[Any, Any, Any]:
        """The model's own log-probabilities [n, vocab]; those of each row's continuations, all tokens counted, as they
        are drawn; and which rows [n] go on."""
        logprobs, sound = own_logprobs(carry["logits"])
        scores = carry["logits"] if self.hypotheses.processing.names else logprobs
        left = truncated(self.hypotheses.allowed(scores, carry, tables), carry, self.features)
        left, possible = own_logprobs(left)
        goes_on = (carry["status"] == RUNNING) & sound & possible
        return logprobs, carry["likelihood"][:, None] + left, goes_on

    def read(self, report: Rows, owners: Sequence[Trail | None]) -> list[list[Outcome]]:
        """The outcomes of each group that is over, in the order in which they were drawn."""
        status = np.asarray(report["status"])
        over = [
            owner is not None and not (status[g * self.group : (g + 1) * self.group] == RUNNING).any()
            for g, owner in enumerate(owners)
        ]
        if not any(over):
            return [[] for _ in owners]
        leaves = {name: np.asarray(leaf) for name, leaf in report.items()}
        return [
            self._outcomes(leaves, g, owner) if owner is not None and over[g] else [] for g, owner in enumerate(owners)
        ]

    def _outcomes(self, leaves: dict[str, Any], group: int, owner: Trail) -> list[Outcome]:
        outcomes = []
        for rank in range(self.group):
            row = group * self.group + rank
            if (status := int(leaves["status"][row])) != IDLE:
                trail, length = owner.anew(), leaves["drawn"][row]
                trail.extend(leaves["tokens"][row, :length], leaves["logprobs"][row, :length])
                outcomes.append(trail.outcome(status, rank))
        return [replace(outcome, last=outcome is outcomes[-1]) for outcome in outcomes]
