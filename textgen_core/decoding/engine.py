"""The decoding engine: requests in, completions out, as they finish."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from textgen_core.decoding.beam import Beam
from textgen_core.decoding.best_of import chosen, drawn, is_chosen
from textgen_core.decoding.constraints.bank import Bank
from textgen_core.decoding.constraints.steering import CONSTRAINT
from textgen_core.decoding.hypotheses import Hypotheses
from textgen_core.decoding.ladder import Ladder
from textgen_core.decoding.lane import Lane
from textgen_core.decoding.pool import Pool, Prompted
from textgen_core.decoding.processing import Processing
from textgen_core.decoding.processors import PROCESSORS
from textgen_core.decoding.programs import CHUNK, Kind, Programs
from textgen_core.decoding.request import Completion, Request
from textgen_core.decoding.results import Outcome
from textgen_core.decoding.sampling import Sampling, features_of, in_order
from textgen_core.decoding.settings import FOR_BEAM, FOR_STOCHASTIC, TILE, USED_BY, SamplerSettings
from textgen_core.decoding.shapes import budget_bucket, capacity_class, prompt_bucket
from textgen_core.decoding.stochastic_beam import StochasticBeam
from textgen_core.decoding.stops import before_stop
from textgen_core.decoding.supply import Supply
from textgen_core.decoding.telemetry import Measuring
from textgen_core.decoding.truncations import TRUNCATIONS
from textgen_core.decoding.vocabulary import Vocabulary
from textgen_core.models.interface import LanguageModel
from textgen_core.tokenization.interface import Tokenizer

MOST_OF_A_PROMPT = 8 * TILE
"""Requests for which a prompt is prefilled once; one that has more is prefilled again, so that memory stays bounded."""

Outbox = queue.SimpleQueue[list[Outcome] | BaseException | None]
"""What lanes send: what has finished; at their end what they raised, or None."""


class Engine:
    """Continues prompts with one model.

    What a request gives depends on it, on the model and on what ``samplers`` and ``knobs`` need, and on nothing else:
    not on the other requests, their order, the lanes or the threads.

    Args:
        model: any LanguageModel.
        tokenizer: its own, for text and stop strings.
        samplers: all settings that requests may come with.
        knobs: names of truncations and processors that requests may use besides.
        lanes: tiles decoded at the same time; None for one a processor core.
        device: cpu or gpu.
        chunk: steps between two looks at a tile; no result depends on it.
        bank: room for the constraints of requests; None where no request has one.
        telemetry: whether completions tell how sure the model was and what their sampler left of it.
        alternatives: likeliest tokens told for each token.

    Raises:
        SettingsError: a sampler names tokens that the vocabulary lacks.
    """

    def __init__(
        self,
        model: LanguageModel,
        tokenizer: Tokenizer,
        samplers: Iterable[SamplerSettings],
        knobs: Iterable[str] = (),
        lanes: int | None = None,
        device: str = "cpu",
        chunk: int = CHUNK,
        bank: Bank | None = None,
        telemetry: bool = False,
        alternatives: int = 0,
    ) -> None:
        self.lanes = lanes or len(os.sched_getaffinity(0))
        self.programs = Programs(model, device, chunk, bank)
        self._max_context, self._grows = model.max_context, model.grows
        self._tokenizer = tokenizer
        self._vocabulary = Vocabulary(tokenizer, model.vocab_size)
        samplers, knobs = list(samplers), frozenset(knobs)
        for sampler in samplers:
            self._vocabulary.check(sampler)
        searches = {FOR_BEAM, FOR_STOCHASTIC}
        needed = knobs.union(*(features_of(sampler) for sampler in samplers if sampler.strategy not in searches))
        self._features = needed | {"draw"} if needed & {*TRUNCATIONS} else needed
        self._constrained = bank is not None
        self._measuring = Measuring(telemetry, min(alternatives, model.vocab_size))
        self._processors = needed & {*PROCESSORS}
        self.drawn_tokens = 0
        """New tokens in all continuations so far, also in draws that were not the best."""
        self._searching = {
            strategy: knobs.union(*(features_of(s) for s in samplers if s.strategy == strategy)) & {*USED_BY[strategy]}
            for strategy in searches
        }

    def run(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Completions in the order in which they finish, while requests are still being read.

        Requests that go on from the same prompt should come one after another: it is read once for them. At no time are
        more than some ten thousand requests held.
        """
        supply = Supply(pools=self.lanes + 2)
        outbox: Outbox = queue.SimpleQueue()
        lanes = [Lane(supply, self.programs, self._tokenizer, self._vocabulary, outbox.put) for _ in range(self.lanes)]
        threads = [threading.Thread(target=_guarded, args=(lane.run, outbox), daemon=True) for lane in lanes]
        for thread in threads:
            thread.start()
        try:
            for completion in self._pump(self._prompts(requests), supply, outbox):
                self.drawn_tokens += len(completion.tokens)
                yield from chosen(completion)
        finally:
            supply.abandon()
            for thread in threads:
                thread.join()

    def stream(self, request: Request) -> Iterator[Sequence[int] | Completion]:
        """One request: its tokens so far after every chunk (none of a beam search or of the best of several draws), in
        the end its completions.

        The same program on the same tile as ``run``, and so the same tokens.
        """
        if is_chosen(request):
            yield from self.run([request])
            return
        for prompted in self._prompts([request]):
            if isinstance(prompted, Completion):
                yield prompted
                return
            kind = prompted.requests[0][0]
            ladder = Ladder(self.programs, kind, self._tokenizer, self._vocabulary)
            ladder.admit(Pool([prompted], self.programs).take(kind, ladder.fitting()))
            while ladder.busy:
                outcomes = ladder.advance()
                yield tuple(token for trail in ladder.trails for token in trail.tokens)
                yield from map(self._completion, outcomes)

    def _pump(self, prompts: Iterator[Prompted | Completion], supply: Supply, outbox: Outbox) -> Iterator[Completion]:
        """Feed the supply whenever it has room, and pass on what the lanes have finished."""
        running, more = self.lanes, True
        while running:
            while more and outbox.empty() and supply.has_room:  # what waits to be passed on is held, too
                prompted = next(prompts, None)
                if prompted is None:
                    more = False
                    supply.close()
                elif isinstance(prompted, Completion):
                    yield prompted
                else:
                    supply.add(prompted)
            message = outbox.get()
            if isinstance(message, BaseException):
                raise message
            if message is None:
                running -= 1
            else:
                yield from map(self._completion, message)

    def _prompts(self, requests: Iterable[Request]) -> Iterator[Prompted | Completion]:
        """Requests gathered by prompt; those without a budget are answered at once."""
        draws = (draw for request in requests for draw in drawn(request))
        for _, alike in groupby(draws, key=lambda request: (request.key, request.tokens)):
            by_capacity: dict[int, Prompted] = {}
            for request in alike:
                if request.max_new_tokens == 0:
                    yield Completion(request, request.sample_index, (), "", 0.0, "length")
                    continue
                kind = self._kind(request)
                bucket = prompt_bucket(len(request.tokens), self._max_context)
                prompted = by_capacity.setdefault(kind.capacity, Prompted(request.tokens, kind.capacity, bucket, []))
                prompted.requests.append((kind, request))
                if len(prompted.requests) == MOST_OF_A_PROMPT:
                    yield by_capacity.pop(kind.capacity)
            yield from by_capacity.values()

    def _kind(self, request: Request) -> Kind:
        capacity = capacity_class(len(request.tokens), request.max_new_tokens, self._grows)
        sampler = request.sampler
        if (searching := self._searching.get(sampler.strategy)) is not None:
            processing = Processing.of(request, searching & {*PROCESSORS}, capacity, self._vocabulary)
            room = budget_bucket(request.max_new_tokens)
            hypotheses = Hypotheses(sampler.beams, room, processing, self._constrained)
            if sampler.strategy == FOR_BEAM:
                return Kind(capacity, Beam(hypotheses))
            return Kind(capacity, StochasticBeam(hypotheses, in_order(searching, sampler)))
        processing = Processing.of(request, self._processors, capacity, self._vocabulary)
        features = in_order(self._features, sampler) + (CONSTRAINT,) * self._constrained
        return Kind(capacity, Sampling(features, processing, self._measuring))

    def _completion(self, outcome: Outcome) -> Completion:
        text = self._tokenizer.decode(outcome.tokens)
        if outcome.finish_reason == "stop":
            before = before_stop(text, outcome.request.stop)
            text = self._tokenizer.decode(outcome.tokens[:-1]) if before == text else before  # without a stop token
        return Completion(
            request=outcome.request,
            sample_index=outcome.sample_index,
            tokens=outcome.tokens,
            text=text,
            logprob=outcome.logprob,
            finish_reason=outcome.finish_reason,
            logprobs=outcome.logprobs,
            telemetry=outcome.telemetry,
            last=outcome.last,
        )


def _guarded(work: Callable[[], None], outbox: Outbox) -> None:
    """Run a lane and report how it ended: None, or what it raised."""
    try:
        work()
        outbox.put(None)
    except BaseException as error:
        outbox.put(error)
