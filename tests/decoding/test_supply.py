"""The order in which work is handed out, with pools that hold nothing."""

import threading
from collections import Counter, deque

import pytest

from textgen_core.decoding.pool import Prompted
from textgen_core.decoding.programs import Kind
from textgen_core.decoding.sampling import Sampling
from textgen_core.decoding.settings import TILE
from textgen_core.decoding.supply import PATIENCE, WINDOW, Supply

SMALL, LARGE = Kind(128, Sampling(("draw",))), Kind(256, Sampling(("draw",)))


class Opened:
    """A pool of one kind."""

    def __init__(self, kind, prompts):
        self.number, self._kind, self._waiting = prompts[0].number, kind, deque(prompts)

    @property
    def kinds(self):
        return [self._kind] * bool(self._waiting)

    def take(self, kind, fits):
        taken = []
        while kind == self._kind and self._waiting and fits(self._waiting[0]):
            taken.append(self._waiting.popleft())
        return taken


def a_tile():
    """A tile's slots, for one intake."""
    slots = iter(range(TILE))
    return lambda request: next(slots, None) is not None


def prompted(kind, bucket=16):
    return Prompted((1,), kind.capacity, bucket, [(kind, None)])


def lane(supply, seen):
    """What a lane does, with ladders of a tile that end at once: the prompts in the order in which they are placed."""
    while (work := supply.wait()) is not None:
        if not isinstance(work, Kind):
            supply.open(Opened(SMALL if work[0].capacity == 128 else LARGE, work))
            yield
            continue
        while True:
            if placed := supply.place(work, a_tile()):
                seen += placed
            elif prompts := supply.prompts(work):
                supply.open(Opened(work, prompts))
            else:
                break
            yield


def served(stream):
    """Prompts in the order of their placing; as many are held as there is room for, till no more come."""
    supply, seen, more = Supply(3), [], True
    work = lane(supply, seen)
    while True:
        while more and supply.has_room:
            given = next(stream, None)
            more = given is not None
            supply.add(given) if more else supply.close()
        if next(work, work) is work:
            return seen


@pytest.mark.parametrize("rare", [prompted(SMALL, 32), prompted(LARGE)])
def test_a_rare_shape_is_not_overtaken_for_ever(rare):
    count = 4 * PATIENCE
    stream = (rare if number == 5 else prompted(SMALL) for number in range(count))
    numbers = [each.number for each in served(stream)]
    assert sorted(numbers) == list(range(count))
    assert numbers.index(5) < PATIENCE + WINDOW + 4 * TILE


def test_frequent_shapes_go_in_full_tiles():
    alternating = (prompted(SMALL, 16 + 16 * (number % 2)) for number in range(640))
    tiles = Counter(each.bucket for each in served(alternating)[:TILE])
    assert list(tiles.values()) == [TILE]


def test_whoever_waits_is_told_that_the_rest_is_not_wanted():
    supply, ended = Supply(3), []
    supply.add(prompted(SMALL))
    waiting = [threading.Thread(target=lambda: ended.append(supply.wait())) for _ in range(2)]
    for thread in waiting:
        thread.start()
    supply.abandon()
    for thread in waiting:
        thread.join(10)
    assert ended == [None, None] and supply.abandoned
    supply.open(Opened(SMALL, [prompted(SMALL)]))
    assert not supply.place(SMALL, a_tile())
