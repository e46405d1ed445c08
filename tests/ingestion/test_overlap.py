"""Steps of the stream that overlap: nothing is lost, reordered or swallowed, and little waits."""

import threading

import pytest

from textgen_core.ingestion import overlap
from textgen_core.ingestion.overlap import AHEAD, ahead, behind


def test_ahead_gives_the_same_items():
    assert list(ahead(iter(range(1000)))) == list(range(1000))


def test_ahead_makes_few_items_before_they_are_wanted():
    made = []
    items = ahead(made.append(number) or number for number in range(1000))
    assert next(items) == 0
    assert len(made) <= 1 + AHEAD + 2  # the one given, those that wait, one in hand on either side
    items.close()
    assert len(made) < 10


def test_ahead_passes_an_error_on_after_the_items_before_it():
    def items():
        yield 1
        raise ValueError("broken")

    given = ahead(items())
    assert next(given) == 1
    with pytest.raises(ValueError, match="broken"):
        next(given)


def test_behind_does_all_in_order_before_the_block_ends():
    done = []
    with behind(done.append, lambda item: 1) as hand_over:
        for number in range(1000):
            hand_over(number)
    assert done == list(range(1000))


def test_behind_raises_what_the_work_raised_and_does_no_more():
    done = []

    def work(item):
        if item == 3:
            raise ValueError("full")
        done.append(item)

    with pytest.raises(ValueError, match="full"), behind(work, lambda item: 1) as hand_over:
        for number in range(100_000):
            hand_over(number)
    assert done == [0, 1, 2]


def test_behind_lets_no_more_bytes_wait_than_it_may(monkeypatch):
    monkeypatch.setattr(overlap, "BEHIND_BYTES", 100)
    handed, may_work = [], threading.Event()

    def giver(hand_over):
        for number in range(20):
            hand_over(number)
            handed.append(number)

    with behind(lambda item: may_work.wait(), lambda item: 30) as hand_over:
        thread = threading.Thread(target=giver, args=(hand_over,))
        thread.start()
        thread.join(0.5)
        handed_at_first = len(handed)
        may_work.set()
        thread.join(10)
    assert handed_at_first == 4  # 120 bytes, of which the first item is in work
    assert len(handed) == 20


def test_behind_takes_an_item_beyond_the_limit_alone(monkeypatch):
    monkeypatch.setattr(overlap, "BEHIND_BYTES", 100)
    done = []
    with behind(done.append, lambda item: 1000) as hand_over:
        for number in range(5):
            hand_over(number)
    assert done == list(range(5))
