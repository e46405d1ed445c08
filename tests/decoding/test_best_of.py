"""Best of n against choosing by hand among the engine's own plain draws."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decoding.letters import Letters, markov
from textgen_core.decoding.best_of import chosen, drawn
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Completion, Request
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.decoding.toys import MarkovModel

END = 1
MODEL = markov(vocab=6, seed=5, spread=1.5)
HOT = {"temperature": 1.5}
SAMPLES = 3


def sampler(best_of, n_best=1, penalty=1.0):
    return SamplerSettings(**HOT, best_of=best_of, n_best=n_best, length_penalty=penalty)


def requests(samplers, budget=9, samples=SAMPLES):
    return [
        Request(f"s{seed}", (END, 2 + seed % 4), each, budget, sample_index=index, tag=(seed, name))
        for seed in range(5)
        for name, each in enumerate(samplers)
        for index in range(samples)
    ]


def run(asked, model=MODEL, lanes=1, order=None):
    engine = Engine(model, Letters(model.vocab_size - 2), [request.sampler for request in asked], lanes=lanes)
    asked = asked if order is None else [asked[i] for i in order]
    return {(c.request.key, c.request.tag, c.sample_index): c for c in engine.run(asked)}, engine


@cache
def plain():
    return run(requests([SamplerSettings(**HOT)], samples=SAMPLES * 8))[0]


def by_hand(seed, index, settings):
    """The best of those plain samples that are the draws of sample ``index``."""
    count = settings.best_of
    draws = [plain()[f"s{seed}", (seed, 0), index * count + draw] for draw in range(count)]
    scores = [c.logprob / max(1, len(c.logprobs)) ** settings.length_penalty for c in draws]
    best = sorted(range(count), key=lambda draw: (-scores[draw], draw))[: settings.n_best]
    return [draws[draw] for draw in best]


CHOICES = [sampler(4), sampler(8, 3, 0.0), sampler(5, 5, 0.6), sampler(2, penalty=3.0)]


def check(found):
    for seed in range(5):
        for name, each in enumerate(CHOICES):
            for index in range(SAMPLES):
                for rank, expected in enumerate(by_hand(seed, index, each)):
                    got = found.pop((f"s{seed}", (seed, name), index * each.n_best + rank))
                    assert (got.tokens, got.logprob, got.text) == (expected.tokens, expected.logprob, expected.text)
                    assert got.finish_reason == expected.finish_reason
                    assert got.last == (rank == each.n_best - 1)
    assert not found


def test_the_best_of_the_plain_draws_in_any_order_and_any_number_of_lanes():
    asked = requests(CHOICES)
    for lanes, order in ((1, None), (3, np.random.default_rng(0).permutation(len(asked)).tolist())):
        found, engine = run(asked, lanes=lanes, order=order)
        assert engine.drawn_tokens > sum(len(c.tokens) for c in found.values())
        check(found)


def test_one_draw_is_the_plain_sample_and_a_cold_sampler_draws_once():
    cold = SamplerSettings(temperature=0, best_of=7, n_best=2)
    for each, plain in ((SamplerSettings(**HOT), SamplerSettings(**HOT)), (cold, SamplerSettings(strategy="greedy"))):
        found, engine = run(requests([each], samples=1))
        expected, _ = run(requests([plain], samples=1))
        assert {key: c.tokens for key, c in found.items()} == {key: c.tokens for key, c in expected.items()}
        assert engine.drawn_tokens == sum(len(c.tokens) for c in found.values())


def test_a_budget_of_none():
    found, _ = run(requests([sampler(4, 2)], budget=0, samples=1))
    assert len(found) == 10
    assert all(c.tokens == () for c in found.values())


def test_what_streams_is_the_best():
    request = requests([sampler(8)])[1]
    engine = Engine(MODEL, Letters(4), [request.sampler], lanes=1)
    (news,) = engine.stream(request)
    assert news.tokens == by_hand(0, 1, request.sampler)[0].tokens


def test_an_error_loses_against_any_end():
    """After b the model's logits are no numbers; rows that never say b are longer and far less likely."""
    table = np.zeros((4, 4), np.float32)
    table[1] = [-50, -50, 0, 3]
    table[2] = [-50, 0, 1, -50]
    table[3] = np.nan
    request = Request("s", (END,), SamplerSettings(best_of=128, n_best=2, length_penalty=0), 20)
    found, _ = run([request], MarkovModel(table))
    draws, _ = run(
        [replace(request, sampler=SamplerSettings(), sample_index=i) for i in range(128)], MarkovModel(table)
    )
    errors = [c for c in draws.values() if c.finish_reason == "error"]
    assert max(c.logprob for c in errors) > max(c.logprob for c in draws.values() if c.finish_reason != "error")
    assert {c.finish_reason for c in found.values()} <= {"end", "length"}


@settings(max_examples=200)
@given(st.data())
def test_draws_of_different_samples_differ_and_ties_go_to_the_earliest(data):
    """Scores from few values, so that many are equal, arriving in any order."""
    count = data.draw(st.integers(2, 12))
    each = SamplerSettings(best_of=count, n_best=data.draw(st.integers(1, count)), length_penalty=0)
    asked = [Request("s", (END,), each, 4, sample_index=index) for index in range(3)]
    draws = [draw for request in asked for draw in drawn(request)]
    assert [draw.sample_index for draw in draws] == list(range(3 * count))
    scores = data.draw(st.lists(st.sampled_from([-1.0, -2.0, -3.0]), min_size=len(draws), max_size=len(draws)))
    made = [
        Completion(draw, draw.sample_index, (draw.sample_index,), "", score, "length")
        for draw, score in zip(draws, scores, strict=True)
    ]
    told = [best for c in data.draw(st.permutations(made)) for best in chosen(c)]
    for index in range(3):
        mine = range(index * count, (index + 1) * count)
        expected = sorted(mine, key=lambda draw: (-scores[draw], draw))[: each.n_best]
        got = {c.sample_index - index * each.n_best: c.tokens[0] for c in told if c.request is asked[index]}
        assert [got[rank] for rank in sorted(got)] == expected


@pytest.mark.parametrize(
    "knobs",
    [{"n_best": 2}, {"length_penalty": 0.5}, {"best_of": 2, "n_best": 3}, {"best_of": 0}]
    + [{"strategy": name, "best_of": 2} for name in ("greedy", "beam")],
)
def test_what_would_have_no_effect_is_refused(knobs):
    with pytest.raises(ValueError, match="best_of"):
        SamplerSettings(**knobs)


def test_a_rows_n_best_for_a_beam_search_leaves_a_plain_sample_alone():
    assert SamplerSettings().replaced(n_best=2, length_penalty=0.5) == SamplerSettings()
    assert SamplerSettings().replaced(n_best=2, best_of=4).n_best == 2
