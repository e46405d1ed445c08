"""What a row has so far, kept on the host, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textgen_core.decoding.request import FinishReason, Request
from textgen_core.decoding.stops import StopScanner
from textgen_core.tokenization.interface import END, Tokenizer

IDLE, RUNNING, ENDED, EXHAUSTED, UNSOUND = range(5)
"""A row's status in the graph. IDLE rows belong to nobody."""

REASONS: dict[int, FinishReason] = {ENDED: "end", EXHAUSTED: "length", UNSOUND: "error"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished continuation, not yet turned into text. last: the request gives no further one."""

    request: Request
    sample_index: int
    tokens: tuple[int, ...]
    logprob: float
    finish_reason: FinishReason
    last: bool = True


class Trail:
    """The tokens of one row as they come."""

    def __init__(self, request: Request, tokenizer: Tokenizer) -> None:
        self.request = request
        self._tokenizer = tokenizer
        self.tokens: list[int] = []
        self.logprob = 0.0
        self.stopped = False
        self._scanner = StopScanner(tokenizer, request.stop) if request.stop else None

    def anew(self) -> Trail:
        """An empty one for the same request."""
        return Trail(self.request, self._tokenizer)

    def extend(self, tokens: Iterable[int], logprobs: Iterable[float]) -> bool:
        """Take more tokens, END included, up to the one that completes a stop string; whether one did.

        Log-probabilities are added in the order of the tokens, in float64: the same sum wherever the chunks end.
        """
        for token, logprob in zip(tokens, logprobs, strict=True):
            self.logprob += float(logprob)
            if token == END:
                break
            self.tokens.append(int(token))
            if self._scanner is not None and self._scanner.completes(int(token)):
                self.stopped = True
                break
        return self.stopped

    def outcome(self, status: int, rank: int | None = None) -> Outcome:
        """What came of it, given the status its row ended with."""
        reason = "stop" if self.stopped else REASONS[status]
        index = self.request.sample_index if rank is None else rank
        return Outcome(self.request, index, tuple(self.tokens), self.logprob, reason)
