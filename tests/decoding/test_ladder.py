"""Rows that move from tile to tile are what they are in one large tile."""

from collections import Counter

import numpy as np
import pytest

from tests.decoding.letters import Letters
from textgen_core.decoding import ladder as ladder_module
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.ladder import PATIENCE, Ladder
from textgen_core.decoding.programs import Kind, Programs
from textgen_core.decoding.request import Request
from textgen_core.decoding.sampling import Sampling
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.decoding.shapes import rungs
from textgen_core.models.families import build_model
from textgen_core.models.settings import TransformerSettings

VOCAB = 12
SAMPLERS = {
    "tired": SamplerSettings(repetition_penalty=1.2, no_repeat_ngram=6),
    "beam": SamplerSettings(strategy="beam", beams=5, n_best=2, no_repeat_ngram=6, min_new_tokens=90),
}


def test_rungs_double_to_at_most_half_of_the_last():
    assert [rungs(c) for c in (0, 64, 128, 192, 320)] == [(0,), (64,), (64, 128), (64, 192), (64, 128, 320)]
    assert rungs(1280) == (64, 128, 256, 512, 1280)


@pytest.fixture(scope="module")
def model():
    model = build_model(TransformerSettings(layers=1, width=16, heads=2, context=320), VOCAB)
    for weight in model.weights:
        weight.assign(np.random.default_rng(1).normal(size=weight.shape) * 0.5)
    model.embedding.output_bias.assign(np.array([0, -4.5] + [0] * (VOCAB - 2)))  # ends after some hundred tokens
    return model


@pytest.mark.parametrize("name", ["tired", pytest.param("beam", marks=pytest.mark.slow)])
def test_moving_up_changes_nothing(model, name, monkeypatch):
    draw, sampler = np.random.default_rng(2), SAMPLERS[name]
    requests = [
        Request(str(i), (1, *draw.integers(2, VOCAB, length - 1).tolist()), sampler, 300 - length)
        for i, length in enumerate(map(int, [*draw.integers(65, 200, 40), *[3] * 30]))
    ]
    telling = {"telemetry": True} if name != "beam" else {}

    engine = Engine(model, Letters(VOCAB - 2), [sampler], lanes=2, **telling)

    def answers(rungs):
        monkeypatch.setattr(ladder_module, "rungs", rungs)
        return {(c.request.key, c.sample_index): c for c in engine.run(requests)}

    def heights(capacity):
        used.append(capacity)
        return rungs(capacity)

    monkeypatch.setattr(Programs, "may_compile", True)
    used: list[int] = []
    moved, still = answers(heights), answers(lambda capacity: (capacity,))
    assert set(used) == {320}
    assert {*np.searchsorted([100, 200, 300], [len(c.tokens) for c in still.values()])} == {0, 1, 2}
    assert moved == still


@pytest.mark.parametrize("worked", [False, True])
def test_lower_rungs_wait_until_compiling_has_been_earned_back(model, worked, monkeypatch):
    monkeypatch.setattr(Programs, "may_compile", worked)
    engine = Engine(model, Letters(VOCAB - 2), [SamplerSettings()], lanes=1)
    requests = [Request(str(i), (1, 2, 3), SamplerSettings(), 200) for i in range(300)]
    assert len(list(engine.run(requests))) == 300
    assert (engine.programs.count > 3) == worked  # prefilling, admitting and advancing


class Stub:
    """A tile of some rows, which may have outgrown it."""

    def __init__(self, capacity, rows=0, outgrown=()):
        self.kind, self.trails, self.outgrown, self.advanced = Kind(capacity, None), [None] * rows, outgrown, 0

    @property
    def busy(self):
        return bool(self.trails)


@pytest.fixture
def ladder():
    return Ladder(Programs(None, "cpu", 8), Kind(64, Sampling(("draw",))), None, None)


def order(ladder, tiles, chunks):
    ladder._tiles = tiles
    return [ladder._next().kind.capacity for _ in range(chunks)]


def test_the_fullest_tile_goes_first_and_no_other_waits_for_ever(ladder):
    chunks = order(ladder, [Stub(64, 128), Stub(128, 3), Stub(256, 0)], 2 * PATIENCE + 3)
    assert set(chunks[:PATIENCE]) == {64}
    assert Counter(chunks) == {64: 2 * PATIENCE + 1, 128: 2}


def test_of_equally_full_tiles_the_largest_goes_first(ladder):
    assert order(ladder, [Stub(64, 128), Stub(128, 128), Stub(256, 127)], 3) == [128, 128, 128]


def test_a_tile_waits_while_rows_that_have_outgrown_it_find_no_room_above(ladder):
    tiles = [Stub(64, 128, outgrown=[3]), Stub(128, 127, outgrown=[1]), Stub(256, 5, outgrown=[0])]
    assert order(ladder, tiles, 2 * PATIENCE) == [256] * 2 * PATIENCE


def test_more_may_be_compiled_when_more_was_worked():
    programs = Programs(None, "cpu", 8)
    assert not programs.may_compile
    programs.worked(0.5)
    assert programs.may_compile
