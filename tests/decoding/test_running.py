"""An engine at work: how far it reads ahead, how it stops, and what becomes of an error."""

import threading

import numpy as np
import pytest

from tests.decoding.letters import Letters, markov
from tests.decoding.samplers import SAMPLERS
from textgen_core.decoding import supply as supply_module
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import TILE, SamplerSettings
from textgen_core.decoding.toys import MarkovModel

VOCAB = 12


def asked(count, read=None):
    for number in range(count):
        if read is not None:
            read.append(number)
        yield Request(str(number), (1, 2), SAMPLERS["plain"], 4)


def engine_of(model=None):
    return Engine(model or markov(VOCAB), Letters(VOCAB - 2), [SAMPLERS["plain"]], lanes=2)


def test_reads_only_as_far_ahead_as_its_window():
    read, done = [], 0
    for _ in engine_of().run(asked(6000, read)):
        done += 1
        assert len(read) <= done + supply_module.WINDOW + 8 * TILE
    assert done == 6000


def test_stops_its_threads_when_nobody_wants_more():
    before = threading.active_count()
    run = engine_of().run(asked(10**9))
    next(run)
    run.close()
    assert threading.active_count() == before


def test_an_error_in_reading_requests_is_passed_on():
    def broken():
        yield from asked(70)
        raise ValueError("unreadable")

    with pytest.raises(ValueError, match="unreadable"):
        list(engine_of().run(broken()))


def test_an_error_in_a_lane_is_passed_on():
    class Broken(MarkovModel):
        def step(self, tokens, state):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(engine_of(Broken(np.zeros((VOCAB, VOCAB)))).run(asked(70)))


def test_an_error_in_reading_a_prompt_is_passed_on():
    class Broken(MarkovModel):
        def prefill(self, tokens, lengths, state):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(engine_of(Broken(np.zeros((VOCAB, VOCAB)))).run(asked(10)))


def test_does_not_finish_what_nobody_wants():
    endless = SamplerSettings(logit_bias={"id:1": -100.0})
    engine = Engine(markov(VOCAB), Letters(VOCAB - 2), [endless], lanes=2)
    requests = [Request("short", (1, 2), endless, 1), *(Request(str(n), (1, 2), endless, 10**9) for n in range(5))]
    run = engine.run(requests)
    assert next(run).request.key == "short"
    run.close()


def test_nothing_to_do():
    assert list(engine_of().run([])) == []


def test_streams_the_tokens_of_a_run():
    engine = engine_of()
    request = Request("s", (1, 2), SAMPLERS["plain"], 40)
    *pieces, completion = engine.stream(request)
    assert completion == next(engine.run([request]))
    assert all(completion.tokens[: len(piece)] == piece for piece in pieces)
