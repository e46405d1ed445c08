"""Processors at work in whole continuations."""

import itertools
import math
from itertools import pairwise

import numpy as np
import pytest

from tests.decoding.letters import Letters, markov
from tests.decoding.test_beam import score, search, table_of
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import TILE, SamplerSettings
from textgen_core.decoding.toys import MarkovModel, UniformModel
from textgen_core.errors import SettingsError

END = 1


def looping(letters=10, loop=5):
    """After each of the first letters the next one is likeliest, after the last of them the first; no text ends."""
    table = 1 + np.random.default_rng(0).normal(size=(letters + 2,) * 2) * 0.2
    for letter in range(loop):
        table[letter + 2, (letter + 1) % loop + 2] = 3
    table[:, END] = -8
    return MarkovModel(table)


def continued(model, *samplers, prompt="ab", budget=40, count=1, **request):
    """Completions, those of each sampler in turn, by one engine for all."""
    letters = Letters(model.vocab_size - 2)
    engine = Engine(model, letters, samplers, lanes=1)
    tokens = (END, *letters.encode([prompt])[0])
    asked = [
        Request("s", tokens, sampler, budget, index, tag=(place, index), **request)
        for place, sampler in enumerate(samplers)
        for index in range(count if sampler.draws else 1)
    ]
    return sorted(engine.run(asked), key=lambda found: found.request.tag)


def ngrams(text, n):
    return [text[i : i + n] for i in range(len(text) - n + 1)]


STRATEGIES = ("greedy", "sample", "beam")
CURES = [{"dry_multiplier": 2}, {"repetition_penalty": 4}, {"frequency_penalty": 2}, {"presence_penalty": 4}]


class TestLoops:
    def test_a_greedy_model_loops_and_processors_lead_out_of_it(self):
        plain, *cured = continued(looping(), *(SamplerSettings(strategy="greedy", **cure) for cure in [{}, *CURES]))
        assert plain.text == "cdeab" * 8
        assert not any(found.text.startswith("cdeab" * 3) for found in cured)

    def test_no_ngram_comes_twice(self):
        for found in continued(looping(), *(SamplerSettings(strategy=s, no_repeat_ngram=3) for s in STRATEGIES)):
            assert len(found.text) == 40 and len(set(ngrams("ab" + found.text, 3))) == 40

    def test_a_loop_is_seen_and_ended(self):
        samplers = [SamplerSettings(strategy="greedy", loop_length=n, loop_repeats=3) for n in (5, 4)]
        ended, missed = continued(looping(), *samplers)
        assert (ended.text, ended.finish_reason) == ("cdeab" * 3, "loop")
        assert missed.finish_reason == "length"


class TestEnds:
    def test_a_stop_token_ends_a_row_and_is_no_part_of_its_text(self):
        sampler = SamplerSettings(strategy="greedy", stop_tokens=("e",))
        (found,) = continued(looping(), sampler)
        assert (found.text, found.tokens, found.finish_reason) == ("cd", (4, 5, 6), "stop")
        (found,) = continued(looping(), sampler, stop=("de",))
        assert (found.text, found.finish_reason) == ("c", "stop")

    def test_neither_end_nor_stop_tokens_come_too_early(self):
        settings = SamplerSettings(min_new_tokens=7, stop_tokens=("a", "id:3"))
        found = continued(UniformModel(5), settings, count=300)
        assert min(len(c.text) for c in found) == 7 and {c.finish_reason for c in found} == {"end", "stop"}
        assert not any(set(c.text) & set("ab") for c in found)

    def test_where_all_tokens_are_banned_the_row_ends_with_an_error(self):
        at_once = [SamplerSettings(strategy=s, banned_phrases=("a", "b", "c"), min_new_tokens=2) for s in STRATEGIES]
        later = [SamplerSettings(strategy=s, no_repeat_ngram=1, min_new_tokens=9) for s in STRATEGIES]
        found = continued(UniformModel(5), *at_once, *later, prompt="a")
        assert {c.finish_reason for c in found} == {"error"}
        assert [sorted(c.tokens) for c in found] == [[]] * 3 + [[3, 4]] * 3


class TestBans:
    def test_a_banned_phrase_is_never_said_even_where_the_prompt_began_it(self):
        phrases = ("bcd", "ea", "dea", "bb")
        samplers = [SamplerSettings(strategy=s, banned_phrases=phrases) for s in STRATEGIES]
        for found in continued(looping(), *samplers, count=50):
            assert not any(phrase in "ab" + found.text for phrase in phrases)
            assert len(found.text) == 40

    def test_a_phrase_may_be_longer_than_the_models_context(self):
        model = MarkovModel(np.zeros((12, 12)), max_context=16)
        sampler = SamplerSettings(banned_phrases=("abcdefgh" * 4, "ab"))
        found = continued(model, sampler, budget=8, count=20)
        assert len(found) == 20 and not any("ab" in completion.text for completion in found)

    def test_a_bias_moves_the_share_of_a_token(self):
        settings = SamplerSettings(logit_bias={"a": math.log(3), "id:3": -1000})
        found = continued(UniformModel(5), settings, budget=1, count=3000)
        share = sum(c.text == "a" for c in found) / len(found)
        assert share == pytest.approx(3 / 5, abs=0.04) and not any(c.text == "b" for c in found)

    @pytest.mark.parametrize(
        "settings", [{"stop_tokens": ("zz",)}, {"logit_bias": {"id:9": 1}}, {"banned_phrases": ("id:7",)}]
    )
    def test_tokens_that_are_not_there_are_one_clear_error(self, settings):
        with pytest.raises(SettingsError, match="a token must be named"):
            Engine(UniformModel(5), Letters(3), [SamplerSettings(**settings)])

    def test_too_many_phrases_are_one_clear_error(self):
        with pytest.raises(SettingsError, match="at most 256 sequences of at most 64 tokens"):
            Engine(UniformModel(5), Letters(3), [SamplerSettings(banned_phrases=("a" * 65,))])


def test_the_log_probability_is_the_models_own():
    model = markov(7, order=1)
    table = model._table - np.log(np.exp(model._table).sum(1, keepdims=True))
    common = {"no_repeat_ngram": 2, "min_new_tokens": 3, "banned_phrases": ("aa", "c")}
    penalties = {"repetition_penalty": 1.5, "frequency_penalty": 0.5, "dry_multiplier": 1, "logit_bias": {"a": 2}}
    samplers = SamplerSettings(strategy="beam", **common), SamplerSettings(**common, **penalties)
    for found in continued(model, *samplers, prompt="b", budget=9, count=9):
        path = [3, *found.tokens, *([END] if found.finish_reason == "end" else [])]
        assert found.logprob == pytest.approx(sum(table[a, b] for a, b in pairwise(path)), rel=1e-5, abs=1e-5)


def allowed(path, settings):
    """Whether a path that begins with the prompt's two tokens keeps to the bans."""
    said = "".join(chr(ord("a") + token - 2) for token in path[1:] if token != END)
    n = settings.no_repeat_ngram
    new = [gram for i, gram in enumerate(ngrams(said, n)) if i + n > 1 and gram in ngrams(said, n)[:i]]
    early = path[-1] == END and len(path) - 3 < settings.min_new_tokens
    return not new and not early and not any(phrase in said for phrase in settings.banned_phrases)


def test_a_wide_beam_finds_the_best_of_all_that_is_allowed():
    model, budget = markov(5), 5
    settings = SamplerSettings(
        strategy="beam", beams=TILE, n_best=6, no_repeat_ngram=2, min_new_tokens=3, banned_phrases=("ac", "cb")
    )
    table = table_of(model)
    for start, found in search(model, [2, 3, 4], budget, settings).items():
        bodies = [body for n in range(budget + 1) for body in itertools.product(range(2, 5), repeat=n)]
        paths = [(1, start, *body, *([END] if len(body) < budget else [])) for body in bodies]
        best = sorted((score(table, path, 1.0) for path in paths if allowed(path, settings)), reverse=True)
        np.testing.assert_allclose([s for s, _ in found], best[: len(found)], rtol=1e-5)
        assert len(found) == min(6, len(best)) and all(allowed((1, start, *path), settings) for _, path in found)
