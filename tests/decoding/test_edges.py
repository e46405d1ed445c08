"""The engine at the ends of what it may be asked for: vocabularies, budgets, prompts and stop strings."""

import keras
import numpy as np
import pytest
from keras import ops

from tests.decoding.letters import Exchangeable, Letters, markov
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import TILE, SamplerSettings
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
    """The same logits after everything, for a vocabulary whose table would be too large; they can be exchanged."""

    def __init__(self, vocab):
        super().__init__(np.zeros((1, vocab)))
        self.row = keras.Variable(np.zeros(vocab), trainable=False)

    def _logits(self, last):
        return ops.broadcast_to(self.row, (last.shape[0], self.vocab_size))


def chain(*ids, vocab):
    """After END comes the first of ids, after each the next, after the last END."""
    table = np.full((vocab, vocab), -20.0)
    for before, after in zip([1, *ids], [*ids, 1], strict=True):
        table[before, after] = 20
    return MarkovModel(table)


def answers(engine, requests):
    return {(c.request.key, c.request.tag, c.sample_index): c for c in engine.run(requests)}


def of_each_strategy(budget, prompt=(1, 2), **settings):
    for name, sampler in STRATEGIES.items():
        yield Request("s", prompt, sampler.replaced(**settings), budget, tag=name)


WORDS = Words("ab", "cd", "e", "b", "cde", "x")
VOCAB = 8


class Runs:
    """Programs are compiled once for every model with a vocabulary of eight."""

    def __init__(self, knobs=()):
        self.model = Exchangeable(VOCAB)
        self.engine = Engine(self.model, WORDS, STRATEGIES.values(), knobs, lanes=1)

    def __call__(self, model, requests):
        self.model.show(model)
        return answers(self.engine, requests)


@pytest.fixture(scope="module")
def completed():
    return Runs()


@pytest.fixture(scope="module")
def processed():
    return Runs(["logit_bias", "banned_phrases", "min_new_tokens"])


def test_the_last_of_fifty_thousand_tokens_is_reached_by_every_strategy_and_draws_come_from_all_over():
    vocab = 50_000
    model = Fixed(vocab)
    engine = Engine(model, Words(*["x"] * (vocab - 3), "y"), STRATEGIES.values(), lanes=1)
    last = np.zeros(vocab)
    last[-1] = 40
    model.row.assign(last)
    for (_, name, rank), found in answers(engine, of_each_strategy(3)).items():
        if not rank:
            assert found.tokens == (vocab - 1,) * 3, name
            assert found.logprob == pytest.approx(0, abs=1e-5)

    model.row.assign(np.zeros(vocab))
    found = engine.run(Request("s", (1,), STRATEGIES["sample"], 8, index) for index in range(128))
    drawn = np.array([token for completion in found for token in completion.tokens])
    assert len(drawn) == 1024 and drawn.min() < 500 and drawn.max() > vocab - 500
    assert abs(drawn.mean() / vocab - 0.5) < 5 * (1 / 12) ** 0.5 / 32  # a mean of 1,024 uniforms


class TestOneLetter:
    @pytest.fixture(scope="class")
    @staticmethod
    def one_letter():
        """Beams of four and of a tile, of which there are only so many as there are hypotheses."""
        wide = SamplerSettings(strategy="beam", beams=TILE)
        return Engine(UniformModel(3), Letters(1), [*STRATEGIES.values(), wide], lanes=1)

    def test_it_is_said(self, one_letter):
        found = answers(one_letter, of_each_strategy(4))
        assert all(set(completion.tokens) <= {2} for completion in found.values())
        best = found["s", "beam", 0]
        assert best.logprob == pytest.approx(np.log(1 / 3) * (len(best.tokens) + 1))

    @pytest.mark.parametrize("beams", [4, TILE])
    def test_more_beams_than_there_are_hypotheses(self, one_letter, beams):
        """Three tokens: over at once, after one, after two, or not at all."""
        sampler = SamplerSettings(strategy="beam", beams=beams, n_best=beams, length_penalty=0)
        found = list(answers(one_letter, [Request("s", (1,), sampler, 3)]).values())
        assert [completion.tokens for completion in found][:2] == [(), (2,)]
        assert {completion.tokens for completion in found} == {(2,) * n for n in range(4)}
        assert [completion.last for completion in found] == [False] * (len(found) - 1) + [True]


class TestBudgets:
    @pytest.mark.parametrize("budget", [0, 1])
    def test_none_and_one(self, completed, budget):
        asked = [*of_each_strategy(budget), *of_each_strategy(budget, prompt=(1,))]
        for completion in completed(UniformModel(VOCAB), asked).values():
            ended = completion.finish_reason == "end"
            assert len(completion.tokens) + ended == budget
            assert completion.logprob == pytest.approx(budget * np.log(1 / VOCAB))

    def test_a_minimum_above_the_budget_fills_it(self, processed):
        table = np.zeros((VOCAB, VOCAB))
        table[:, 1] = 9  # nearly always the end
        for found in processed(MarkovModel(table), of_each_strategy(5, min_new_tokens=1_000_000)).values():
            assert (len(found.tokens), found.finish_reason) == (5, "length")


def test_prompts_that_fill_the_context_or_all_but_one_are_continued_by_one_token():
    context = 64
    model = build_model(TransformerSettings(family="transformer", layers=1, width=32, heads=2, context=context), 12)
    draw = np.random.default_rng(2)
    for weight in model.weights:
        weight.assign(draw.normal(size=weight.shape) * 0.5)
    engine = Engine(model, Letters(10), [GREEDY], lanes=1)
    for length in (context - 1, context):
        prompts = [(1, *draw.integers(2, 12, length - 1).tolist()) for _ in range(5)]
        logits = np.array(model(np.array(prompts, np.int32)))[:, -1]
        logits[:, 0] = -np.inf
        asked = [Request(str(n), prompt, GREEDY, 1) for n, prompt in enumerate(prompts)]
        for (key, _, _), found in answers(engine, asked).items():
            best = logits[int(key)].argmax()
            assert (found.tokens, found.finish_reason) == (((best,), "length") if best != 1 else ((), "end"))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("column", [0, 1, 5])
def test_one_bad_logit_ends_its_row_and_leaves_every_bit_of_its_neighbours(completed, bad, column):
    """Also where it is that of a token which would never be taken."""
    good = markov(VOCAB, order=1)._table.copy()
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
    def test_pad_among_the_stop_tokens_or_favoured_changes_nothing(self, processed):
        model = markov(VOCAB, order=1)
        plain = processed(model, of_each_strategy(12))
        stopped = processed(model, of_each_strategy(12, stop_tokens=("id:0",), logit_bias={"id:0": 9}))
        for key, completion in plain.items():
            assert stopped[key].tokens == completion.tokens
            assert stopped[key].finish_reason == completion.finish_reason

    def test_the_end_among_the_stop_tokens_is_the_end(self, completed):
        asked = [Request("s", (1, 2), STRATEGIES["sample"].replaced(stop_tokens=("id:1",)), 99, i) for i in range(9)]
        assert {c.finish_reason for c in completed(UniformModel(VOCAB), asked).values()} == {"end"}

    def test_all_tokens_banned_by_phrases_is_an_error_and_by_a_bias_is_none(self, processed):
        model = UniformModel(VOCAB)
        everything = tuple(f"id:{id}" for id in range(VOCAB))
        banned = processed(model, of_each_strategy(5, banned_phrases=everything))
        assert {(c.tokens, c.finish_reason) for c in banned.values()} == {((), "error")}
        bias = dict.fromkeys(everything, -1000.0)  # moves all alike
        plain = processed(model, of_each_strategy(5))
        biased = processed(model, of_each_strategy(5, logit_bias=bias))
        assert {key: c.tokens for key, c in biased.items()} == {key: c.tokens for key, c in plain.items()}


class TestStopStrings:
    """What is said is ab, cd, e, b, cde."""

    @pytest.fixture
    def said(self, completed):
        def said(stop, prompt=(1,)):
            asked = [Request("s", prompt, sampler, 9, stop=stop, tag=n) for n, sampler in STRATEGIES.items()]
            found = completed(chain(2, 3, 4, 5, 6, vocab=VOCAB), asked)
            (first,) = {(found["s", name, 0].text, found["s", name, 0].finish_reason) for name in STRATEGIES}
            return first

        return said

    def test_without(self, said):
        assert said(()) == ("abcdebcde", "end")

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
    def test_the_text_ends_before_the_first(self, said, stop, text):
        assert said(stop) == (text, "stop")

    def test_one_in_the_prompt_does_not_count(self, said):
        assert said(("ab",), prompt=(1, 2)) == ("cdebcde", "end")

    def test_one_that_begins_in_the_prompt_does_not_count(self, said):
        assert said(("abc",), prompt=(1, 2)) == ("cdebcde", "end")
        assert said(("abc", "bcde"), prompt=(1, 2)) == ("cde", "stop")
