"""Best of n: several draws of a request, of which those stay that the model itself holds to be the likeliest.

Draw j of sample i is, byte for byte, what sample i * best_of + j would be without best_of: no two samples share a draw,
and what is chosen from can be looked at. Where n grows, this comes near to the likeliest text that the sampler can draw
(Stiennon et al. 2020 choose by a reward; here the reward is the model's own log-probability).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from textgen_core.decoding.request import Completion, Request

Rank = tuple[bool, float, int]


def is_chosen(request: Request) -> bool:
    """Whether its completions are chosen among draws. Of a sampler that doesn't draw, all would be the same."""
    return request.sampler.draws and request.sampler.best_of > 1


def drawn(request: Request) -> Iterator[Request]:
    """The requests that the engine answers for this one: itself, or its draws."""
    if not is_chosen(request):
        yield request
        return
    gathering, count = Gathering(request), request.sampler.best_of
    for draw in range(count):
        yield replace(request, sample_index=request.sample_index * count + draw, tag=gathering)


def chosen(completion: Completion) -> Iterator[Completion]:
    """What comes of a completion: itself, or with the last draw of its request the best of all draws."""
    gathering = completion.request.tag
    if isinstance(gathering, Gathering):
        yield from gathering.take(completion)
    else:
        yield completion


@dataclass(slots=True)
class Gathering:
    """The draws of a request as they come in, in whatever order. Never holds more of them than will be kept."""

    request: Request
    taken: int = 0
    best: list[tuple[Rank, Completion]] = field(default_factory=list)
    """A heap, the worst on top."""

    def take(self, completion: Completion) -> Iterator[Completion]:
        """One more draw; the last one gives the best, the best first, numbered as the request's own samples."""
        sampler = self.request.sampler
        heapq.heappush(self.best, (_rank(completion), completion))
        if len(self.best) > sampler.n_best:
            heapq.heappop(self.best)
        self.taken += 1
        if self.taken < sampler.best_of:
            return
        first, kept = self.request.sample_index * sampler.n_best, sorted(self.best, key=_first, reverse=True)
        for place, (_, best) in enumerate(kept):
            index, last = first + place, place == len(kept) - 1
            yield replace(best, request=self.request, sample_index=index, last=last)


def _rank(completion: Completion) -> Rank:
    """The higher the better: any that came to an end before an ``error``, then the likelier, then the earlier draw.

    The length is a beam search's, the end of the text included.
    """
    sampler, length = completion.request.sampler, max(1, len(completion.logprobs))
    score = completion.logprob / length**sampler.length_penalty
    return completion.finish_reason != "error", score, -completion.sample_index


def _first(ranked: tuple[Rank, Any]) -> Rank:
    return ranked[0]
