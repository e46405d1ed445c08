"""What a row has so far, kept on the host, and what comes of it.

Stop strings, stop tokens and loops are looked for here: a row leaves its tile at the end of a chunk in any case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from textgen_core.decoding.loops import LoopDetector
from textgen_core.decoding.request import FinishReason, Request
from textgen_core.decoding.stops import StopScanner
from textgen_core.decoding.telemetry import Telemetry, told
from textgen_core.decoding.vocabulary import Vocabulary
from textgen_core.tokenization.interface import END, Tokenizer

IDLE, RUNNING, ENDED, EXHAUSTED, UNSOUND = range(5)
"""A row's status in the graph. IDLE rows belong to nobody."""

NONE: Mapping[str, Any] = {}
REASONS: dict[int, FinishReason] = {ENDED: "end", EXHAUSTED: "length", UNSOUND: "error"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished continuation, not yet turned into text. logprobs: of tokens, and of END if it ended; logprob: their
    sum. last: the request gives no further one."""

    request: Request
    sample_index: int
    tokens: tuple[int, ...]
    logprob: float
    logprobs: tuple[float, ...]
    finish_reason: FinishReason
    telemetry: Telemetry | None = None
    last: bool = True


class Trail:
    """The tokens of one row as they come."""

    def __init__(self, request: Request, tokenizer: Tokenizer, vocabulary: Vocabulary) -> None:
        self.request = request
        self._tokenizer, self._vocabulary = tokenizer, vocabulary
        self.tokens: list[int] = []
        self.logprob = 0.0
        self.logprobs: list[float] = []
        self._measures: dict[str, list[np.ndarray[Any, Any]]] = {}
        self.cut: FinishReason | None = None
        sampler = request.sampler
        self._scanner = StopScanner(tokenizer, request.stop) if request.stop else None
        self._stops = {id for name in sampler.stop_tokens for id in vocabulary.ids(name)}
        self._loops = LoopDetector(sampler.loop_length, sampler.loop_repeats) if sampler.loop_length else None

    def anew(self) -> Trail:
        """An empty one for the same request."""
        return Trail(self.request, self._tokenizer, self._vocabulary)

    def extend(self, tokens: Sequence[int], logprobs: Sequence[float], measures: Mapping[str, Any] = NONE) -> bool:
        """Take more tokens, END included, up to one at which the row is cut; whether one is.

        Log-probabilities are added in the order of the tokens, in float64: the same sum wherever the chunks end.

        Args:
            measures: [t, ..] each, of these tokens.
        """
        for place, (token, logprob) in enumerate(zip(tokens, logprobs, strict=True)):
            self.logprob += float(logprob)
            self.logprobs.append(float(logprob))
            for name, values in measures.items():
                self._measures.setdefault(name, []).append(values[place])
            if token == END:
                break
            self.tokens.append(int(token))
            self.cut = self._cut(int(token))
            if self.cut is not None:
                break
        return self.cut is not None

    def _cut(self, token: int) -> FinishReason | None:
        """Why the row ends with this token, if it does though its program goes on."""
        if self._scanner is not None and self._scanner.completes(token):
            return "stop"
        if token in self._stops:
            return "stop"
        return "loop" if self._loops is not None and self._loops.completes(token) else None

    def outcome(self, status: int, rank: int | None = None) -> Outcome:
        """What came of it, given the status its row ended with."""
        reason = self.cut or REASONS[status]
        index = self.request.sample_index if rank is None else rank
        telemetry = told(self._measures) if self._measures else None
        return Outcome(self.request, index, tuple(self.tokens), self.logprob, tuple(self.logprobs), reason, telemetry)
