"""Every knob as small and as great as it may be, and smaller than float32 can tell from zero."""

import annotated_types
import numpy as np
import pytest

from tests.decoding.letters import Letters, markov
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import OF_ANOTHER, TILE, TRUNCATED_BY, USED_BY, SamplerSettings

VOCAB = 8


def extremes(name):
    """The least and the greatest values that a knob may have."""
    for mark in SamplerSettings.model_fields[name].metadata:
        if isinstance(mark, annotated_types.Ge):
            yield mark.ge
        elif isinstance(mark, annotated_types.Gt):
            yield 5e-324
        elif isinstance(mark, annotated_types.Le):
            yield mark.le
        elif isinstance(mark, annotated_types.Lt):
            yield float(np.nextafter(mark.lt, 0))


UNBOUNDED = {"top_n_sigma": [1e300], "temperature": [5e-324, 1e-30, 1e-9], "top_p": [1e-40], "min_p": [5e-324]}
TEXTS = {"logit_bias": [{"a": 1000.0}, {"a": -1000.0}]}
SWITCHES = {"xtc_threshold": 0.1, "dry_multiplier": 1.0, "loop_length": 8}
REFUSED = ("stochastic_beam", "temperature", 0)
"""There is nothing to draw."""


def at_extremes(strategy):
    """By knob and value, samplers of a strategy of which one knob is as small or as great as may be."""
    for name in USED_BY[strategy]:
        many = "best_of" if strategy == "sample" else "beams"
        chosen_from = {many: TILE} if name in ("n_best", "length_penalty") else {}
        of_another = {OF_ANOTHER[name]: SWITCHES[OF_ANOTHER[name]]} if name in OF_ANOTHER else {}
        unbounded = UNBOUNDED.get(name, []) if strategy == "sample" else []
        for value in [*extremes(name), *unbounded, *TEXTS.get(name, [])]:
            if (strategy, name, value) != REFUSED:
                knobs = {**chosen_from, **of_another, name: value}
                yield (name, str(value)), SamplerSettings(strategy=strategy, **knobs)


MODEL = markov(VOCAB, order=1)
TINY = [1e-30, 1e-40, 5e-324]
TIGHTEST = {
    "temperature": [1e-30, 5e-324],
    "top_n_sigma": TINY,
    "top_h": TINY,
    "top_k": [1],
    "top_p": TINY,
    "min_p": [1.0],
    "typical_p": TINY,
}


@pytest.fixture(scope="module")
def all_on():
    """An engine that draws, with all that a sampler may ask for."""
    return Engine(MODEL, Letters(VOCAB - 2), dict(at_extremes("sample")).values(), lanes=1)


def check_extremes(engine, strategy):
    asked = [Request(str(n), (1, 2), sampler, 6, tag=tag) for tag, sampler in at_extremes(strategy) for n in range(3)]
    assert len(asked) > 20
    for found in engine.run(asked):
        tag = found.request.tag
        assert found.finish_reason != "error", tag
        assert all(0 < id < VOCAB for id in found.tokens), tag
        assert np.isfinite(found.logprob), tag
        assert found.logprob < 0, tag


def test_every_knob_of_a_draw_at_its_extremes_gives_every_row_a_text(all_on):
    check_extremes(all_on, "sample")


@pytest.mark.slow  # a program for each width
@pytest.mark.parametrize("strategy", [strategy for strategy in USED_BY if strategy != "sample"])
def test_every_knob_at_its_extremes_gives_every_row_a_text(strategy):
    engine = Engine(MODEL, Letters(VOCAB - 2), dict(at_extremes(strategy)).values(), lanes=1)
    check_extremes(engine, strategy)


@pytest.mark.parametrize("name", TIGHTEST)
def test_a_knob_that_leaves_next_to_nothing_leaves_one_token(all_on, name):
    """Values that float32 can't tell from zero, too: what is left is the likeliest, or for typical_p the typical."""
    assert name in TRUNCATED_BY
    asked = [
        Request("s", (1, n), SamplerSettings(**{name: value}), 9, i, tag=(n, i, value))
        for n in range(2, VOCAB)
        for value in TIGHTEST[name]
        for i in range(3)
    ]
    asked += [Request("s", (1, n), SamplerSettings(strategy="greedy"), 9, tag=(n, "greedy")) for n in range(2, VOCAB)]
    found = {c.request.tag: c.tokens for c in all_on.run(asked)}
    for n in range(2, VOCAB):
        texts = {found[n, i, value] for value in TIGHTEST[name] for i in range(3)}
        assert len(texts) == 1
        assert name == "typical_p" or texts == {found[n, "greedy"]}


@pytest.mark.parametrize("value", [2**31, 10**30])
def test_a_k_beyond_all_numbers_is_one_clear_error(value):
    with pytest.raises(ValueError, match="top_k"):
        SamplerSettings(top_k=value)
