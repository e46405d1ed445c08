"""The engine at the ends of what it may be asked for: vocabularies, budgets, prompts, stop strings and knobs."""

import annotated_types
import numpy as np
import pytest
from keras import ops

from tests.decoding.letters import Letters, markov
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.processors import PROCESSORS
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import TRUNCATED_BY, USED_BY, SamplerSettings
from textgen_core.decoding.toys import MarkovModel, UniformModel
from textgen_core.models.families import build_model
from textgen_core.models.settings import TransformerSettings
from textgen_core.tokenization.pieces import NOTHING

GREEDY = SamplerSettings(strategy="greedy")
STRATEGIES = {
    "greedy": GREEDY,
    "sample": SamplerSettings(),
    "few": SamplerSettings(temperature=0.7, top_k=3, top_p=0.9),
    "beam": SamplerSettings(strategy="beam", beams=4, n_best=2),
}


class Words(Letters):
    """Tokens of more than one letter."""

    def __init__(self, *pieces):
        self.pieces = [*NOTHING, *(piece.encode() for piece in pieces)]

    def encode(self, texts):
        return [[] for _ in texts]


class Fixed(MarkovModel):
    """The same logits after everything: a table would be too large."""

    def __init__(self, logits):
        super().__init__(np.asarray(logits)[None, :])
        self._row = np.float32(logits)

    def _logits(self, last):
        return ops.broadcast_to(ops.convert_to_tensor(self._row), (last.shape[0], self.vocab_size))


def chain(*ids, vocab):
    """After END comes the first of ids, after each the next, after the last END."""
    table = np.full((vocab, vocab), -20.0)
    for before, after in zip([1, *ids], [*ids, 1], strict=True):
        table[before, after] = 20
    return MarkovModel(table)


def completed(model, requests, tokenizer=None, **options):
    requests = list(requests)
    tokenizer = tokenizer or Letters(model.vocab_size - 2)
    engine = Engine(model, tokenizer, {str(r.sampler): r.sampler for r in requests}.values(), lanes=1, **options)
    return {(c.request.key, c.request.tag, c.sample_index): c for c in engine.run(requests)}


def of_each_strategy(budget, prompt=(1, 2), **settings):
    for name, sampler in STRATEGIES.items():
        yield Request("s", prompt, sampler.replaced(**settings), budget, tag=name)


class TestVocabularies:
    def test_the_last_of_fifty_thousand_tokens_is_reached_by_every_strategy(self):
        vocab = 50_000
        logits = np.zeros(vocab)
        logits[-1] = 40
        letters = Words(*["x"] * (vocab - 3), "y")
        for (_, name, rank), found in completed(Fixed(logits), of_each_strategy(3), letters).items():
            if not rank:
                assert found.tokens == (vocab - 1,) * 3, name
                assert found.logprob == pytest.approx(0, abs=1e-5)

    def test_draws_all_over_fifty_thousand_tokens(self):
        vocab, asked = 50_000, [Request("s", (1,), STRATEGIES["sample"], 8, index) for index in range(128)]
        found = completed(Fixed(np.zeros(vocab)), asked, Words(*["x"] * (vocab - 2)))
        drawn = np.array([token for completion in found.values() for token in completion.tokens])
        assert len(drawn) == 1024 and drawn.min() < 500 and drawn.max() > vocab - 500
        assert abs(drawn.mean() / vocab - 0.5) < 5 * (1 / 12) ** 0.5 / 32  # a mean of 1,024 uniforms

    def test_one_letter(self):
        found = completed(UniformModel(3), of_each_strategy(4))
        assert all(set(completion.tokens) <= {2} for completion in found.values())
        assert found["s", "beam", 0].logprob == pytest.approx(np.log(1 / 3) * (len(found["s", "beam", 0].tokens) + 1))

    @pytest.mark.parametrize("beams", [3, 64])
    def test_more_beams_than_there_are_hypotheses(self, beams):
        """One letter, three tokens: over at once, after one, after two, or not at all."""
        sampler = SamplerSettings(strategy="beam", beams=beams, n_best=beams, length_penalty=0)
        found = list(completed(UniformModel(3), [Request("s", (1,), sampler, 3)]).values())
        assert [completion.tokens for completion in found][:2] == [(), (2,)]
        assert {completion.tokens for completion in found} == {(2,) * n for n in range(min(beams, 4))}
        assert [completion.last for completion in found] == [False] * (len(found) - 1) + [True]


class TestBudgets:
    @pytest.mark.parametrize("budget", [0, 1])
    def test_none_and_one(self, budget):
        found = completed(UniformModel(6), [*of_each_strategy(budget), *of_each_strategy(budget, prompt=(1,))])
        for completion in found.values():
            ended = completion.finish_reason == "end"
            assert len(completion.tokens) + ended == budget
            assert completion.logprob == pytest.approx(budget * np.log(1 / 6))

    def test_a_minimum_above_the_budget_fills_it(self):
        table = np.zeros((6, 6))
        table[:, 1] = 9  # nearly always the end
        for found in completed(MarkovModel(table), of_each_strategy(5, min_new_tokens=1_000_000)).values():
            assert (len(found.tokens), found.finish_reason) == (5, "length")


class TestPrompts:
    CONTEXT = 64

    @pytest.fixture(scope="class")
    def model(self):
        family = TransformerSettings(family="transformer", layers=1, width=32, heads=2, context=self.CONTEXT)
        model = build_model(family, 12)
        for weight in model.weights:
            weight.assign(np.random.default_rng(2).normal(size=weight.shape) * 0.5)
        return model

    @pytest.mark.parametrize("length", [CONTEXT - 1, CONTEXT])
    def test_a_prompt_that_fills_the_context_is_continued_by_one_token(self, model, length):
        draw = np.random.default_rng(0)
        prompts = [(1, *draw.integers(2, 12, length - 1).tolist()) for _ in range(5)]
        asked = [Request(str(n), prompt, GREEDY, 1) for n, prompt in enumerate(prompts)]
        logits = np.array(model(np.array(prompts, np.int32)))[:, -1]
        logits[:, 0] = -np.inf
        for (key, _, _), found in completed(model, asked).items():
            best = logits[int(key)].argmax()
            assert (found.tokens, found.finish_reason) == (((best,), "length") if best != 1 else ((), "end"))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("column", [0, 1, 5])
def test_one_bad_logit_ends_its_row_and_leaves_every_bit_of_its_neighbours(bad, column):
    """Also where it is that of a token which would never be taken."""
    good = markov(8, order=1)._table.copy()
    good[:, 7] = -np.inf  # nobody but the sick says it
    broken = good.copy()
    broken[7, column] = bad
    healthy = [Request(f"{n}", (1, 2 + n % 5), s, 12, tag=name) for n in range(20) for name, s in STRATEGIES.items()]
    sick = [Request(f"sick {n}", (1, 7), s, 12, tag=name) for n in range(20) for name, s in STRATEGIES.items()]
    mixed = [request for pair in zip(sick, healthy, strict=True) for request in pair]
    plain, found = completed(MarkovModel(good), healthy), completed(MarkovModel(broken), mixed)
    assert plain.items() <= found.items()
    ill = [completion for key, completion in found.items() if key[0].startswith("sick")]
    assert len(ill) == len(sick)
    assert {(completion.tokens, completion.finish_reason) for completion in ill} == {((), "error")}


class TestBans:
    def test_pad_among_the_stop_tokens_or_favoured_changes_nothing(self):
        plain = completed(markov(8), of_each_strategy(12))
        stopped = completed(markov(8), of_each_strategy(12, stop_tokens=("id:0",), logit_bias={"id:0": 9}))
        for key, completion in plain.items():
            assert stopped[key].tokens == completion.tokens
            assert stopped[key].finish_reason == completion.finish_reason

    def test_the_end_among_the_stop_tokens_is_the_end(self):
        found = completed(UniformModel(4), of_each_strategy(40, stop_tokens=("id:1",)))
        assert all(found["s", name, 0].finish_reason == "end" for name in ("sample", "few"))

    def test_all_tokens_banned_by_phrases_is_an_error_and_by_a_bias_is_none(self):
        everything = tuple(f"id:{id}" for id in range(6))
        banned = completed(UniformModel(6), of_each_strategy(5, banned_phrases=everything))
        assert {(c.tokens, c.finish_reason) for c in banned.values()} == {((), "error")}
        bias = dict.fromkeys(everything, -1000.0)  # moves all alike
        asked = [r for r in of_each_strategy(5, logit_bias=bias) if r.tag != "beam"]
        plain = completed(UniformModel(6), [r for r in of_each_strategy(5) if r.tag != "beam"])
        assert [c.tokens for c in completed(UniformModel(6), asked).values()] == [c.tokens for c in plain.values()]


class TestStopStrings:
    """What is said is ab, cd, e, b, cde."""

    WORDS = Words("ab", "cd", "e", "b", "cde")
    MODEL = chain(2, 3, 4, 5, 6, vocab=7)

    def said(self, stop, prompt=(1,)):
        asked = [Request("s", prompt, sampler, 9, stop=stop, tag=n) for n, sampler in STRATEGIES.items()]
        found = completed(self.MODEL, asked, self.WORDS)
        firsts = {(found["s", name, 0].text, found["s", name, 0].finish_reason) for name in STRATEGIES}
        assert len(firsts) == 1
        return firsts.pop()

    def test_without(self):
        assert self.said(()) == ("abcdebcde", "end")

    @pytest.mark.parametrize(
        ("stop", "text"),
        [
            (("bc",), "a"),  # across a border of tokens
            (("debc",), "abc"),  # across three
            (("abcdebcde",), ""),  # all of it
            (("b", "bcd"), "a"),  # one is the beginning of the other
            (("bcd", "b"), "a"),
            (("ebc", "debcde"), "abc"),  # one token completes both, and the longer begins earlier
            (("zz", "e"), "abcd"),
        ],
    )
    def test_the_text_ends_before_the_first(self, stop, text):
        assert self.said(stop) == (text, "stop")

    def test_one_in_the_prompt_does_not_count(self):
        assert self.said(("ab",), prompt=(1, 2)) == ("cdebcde", "end")

    def test_one_that_begins_in_the_prompt_does_not_count(self):
        assert self.said(("abc",), prompt=(1, 2)) == ("cdebcde", "end")
        assert self.said(("abc", "bcde"), prompt=(1, 2)) == ("cde", "stop")


def extremes(name):
    """The least and the greatest values that a knob may have."""
    for mark in SamplerSettings.model_fields[name].metadata:
        if isinstance(mark, annotated_types.Ge):
            yield mark.ge
        elif isinstance(mark, annotated_types.Gt):
            yield 1e-6 if name in PROCESSORS else 5e-324
        elif isinstance(mark, annotated_types.Le):
            yield mark.le
        elif isinstance(mark, annotated_types.Lt):
            yield float(np.nextafter(mark.lt, 0))


UNBOUNDED = {"top_n_sigma": [1e300], "temperature": [5e-324, 1e-30, 1e-9], "top_p": [1e-40], "min_p": [5e-324]}
TEXTS = {"logit_bias": [{"a": 1000.0}, {"a": -1000.0}]}
EXTREME = [
    (strategy, name, value)
    for strategy, knobs in USED_BY.items()
    for name in knobs
    for value in [*extremes(name), *(UNBOUNDED.get(name, []) if strategy == "sample" else []), *TEXTS.get(name, [])]
    if (strategy, name, value) != ("stochastic_beam", "temperature", 0)  # refused: nothing to draw
]


def test_every_knob_at_its_extremes_gives_every_row_a_text():
    model, asked = markov(8, order=1), []
    for strategy, name, value in EXTREME:
        knobs = {"best_of" if strategy == "sample" else "beams": 64} if name in ("n_best", "length_penalty") else {}
        knobs |= {"xtc_threshold": 0.1} if name == "xtc_probability" else {}
        sampler = SamplerSettings(strategy=strategy, **knobs, **{name: value})
        asked += [Request(str(n), (1, 2), sampler, 6, tag=(strategy, name, str(value))) for n in range(3)]
    assert len(asked) > 150
    for (_, tag, _), found in completed(model, asked).items():
        assert found.finish_reason != "error", tag
        assert all(0 <= id < 8 for id in found.tokens) and 0 not in found.tokens, tag
        assert np.isfinite(found.logprob), tag
        assert found.logprob < 0, tag


@pytest.mark.parametrize("name", ["temperature", "top_p", "typical_p", "min_p", "top_k", "top_n_sigma", "top_h"])
def test_a_knob_that_leaves_next_to_nothing_leaves_one_token(name):
    """Values that float32 can't tell from zero, too: what is left is the likeliest, or for typical_p the typical."""
    tightest = {"top_k": [1], "min_p": [1.0], "temperature": [1e-30, 5e-324]}.get(name, [1e-30, 1e-40, 5e-324])
    model = markov(8, order=1)
    assert name in TRUNCATED_BY
    asked = [
        Request("s", (1, n), SamplerSettings(**{name: value}), 9, i, tag=(n, value))
        for n in range(2, 8)
        for value in tightest
        for i in range(3)
    ]
    asked += [Request("s", (1, n), GREEDY, 9, tag=(n, "greedy")) for n in range(2, 8)]
    found = completed(model, asked)
    for n in range(2, 8):
        texts = {found["s", (n, value), i].tokens for value in tightest for i in range(3)}
        assert len(texts) == 1
        assert name == "typical_p" or texts == {found["s", (n, "greedy"), 0].tokens}


@pytest.mark.parametrize("value", [2**31, 10**30])
def test_a_k_beyond_all_numbers_is_one_clear_error(value):
    with pytest.raises(ValueError, match="top_k"):
        SamplerSettings(top_k=value)
