"""What goes into the engine and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from textgen_core.decoding.constraints.automaton import TokenAutomaton
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.decoding.telemetry import Telemetry

FinishReason = Literal["end", "stop", "loop", "length", "error"]


@dataclass(frozen=True, slots=True)
class Request:
    """One continuation to make; a beam search and the best of several draws make n_best of one request, a stochastic
    beam as many as beams.

    Attributes:
        key: the name of the seed; names its noise.
        tokens: the prompt as the model reads it: END first, unless its head was cut. Never empty.
        sampler: how to continue it.
        max_new_tokens: its budget.
        sample_index: which of the samples of this seed and sampler.
        stop: strings before which it ends.
        seed: start of all randomness, the same for a whole job.
        tag: anything; comes back with the completion.
        constraint: what its text must be; needs a budget of its ``shortest`` at least, and no stop.
    """

    key: str
    tokens: tuple[int, ...]
    sampler: SamplerSettings
    max_new_tokens: int
    sample_index: int = 0
    stop: tuple[str, ...] = ()
    seed: int = 0
    tag: Any = None
    constraint: TokenAutomaton | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """One continuation.

    Attributes:
        request: what it answers.
        sample_index: the request's; of a beam search the rank, best first, of a stochastic beam the order of drawing;
            of best_of the request's times n_best, and the rank.
        tokens: its ids without END; with a stop string up to the token that completed it, with a stop token up to this.
        text: what they say, up to the stop string or the stop token.
        logprob: sum of the model's own natural log-probabilities of tokens, and of END if it ended.
        finish_reason: end, stop, loop, length, or error where no token could be chosen: the model's logits were no
            numbers, or all tokens were banned.
        logprobs: what logprob is the sum of.
        telemetry: where the engine was asked for it; of a beam search never.
        last: whether the request gives no further completion.
    """

    request: Request
    sample_index: int
    tokens: tuple[int, ...]
    text: str
    logprob: float
    finish_reason: FinishReason
    logprobs: tuple[float, ...] = ()
    telemetry: Telemetry | None = None
    last: bool = True
