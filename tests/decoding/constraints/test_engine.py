"""In the engine every output matches its row's constraint, whatever the neighbours."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decoding.constraints.vocabularies import END, Spelt, compiled, outputs
from tests.decoding.letters import markov
from textgen_core.decoding.constraints.bank import Bank
from textgen_core.decoding.constraints.limits import OF_ROW
from textgen_core.decoding.constraints.steering import moved, permitted
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import TILE, SamplerSettings
from textgen_core.decoding.toys import MarkovModel

TOKENIZER = Spelt("a", "b", "c", "d", "ab", "ba", "cd", "abc", "dd", b"\xc3", b"\xa9", "é")
VOCAB = TOKENIZER.vocab_size
PATTERNS = ["(a|b)+", "a{3}", "abcd", ".{2,5}", "", "(ab|cd){1,3}d", "é+a", "[^a]*", "a?b?c?d?", "(.*d){2}"]
RULES = {pattern: compiled("regex", pattern, TOKENIZER) for pattern in PATTERNS}
SAMPLERS = {
    "greedy": SamplerSettings(strategy="greedy"),
    "plain": SamplerSettings(),
    "top": SamplerSettings(temperature=1.5, top_k=3, top_p=0.9),
    "beam": SamplerSettings(strategy="beam", beams=3, n_best=2),
    "distinct": SamplerSettings(strategy="stochastic_beam", beams=3, temperature=1.5),
}
BUDGETS = (0, 1, 2, 5, 17)


@pytest.fixture(scope="module")
def engines():
    bank = Bank(VOCAB, RULES.values(), of_rows=False)
    model = markov(VOCAB, order=1, spread=1.5)
    return {
        chunk: Engine(model, TOKENIZER, SAMPLERS.values(), lanes=1, chunk=chunk, bank=bank) for chunk in (16, 3)
    } | {"free": Engine(model, TOKENIZER, SAMPLERS.values(), lanes=1)}


def requests(seeds=range(6)):
    for seed in seeds:
        for pattern, rule in [*RULES.items(), (None, None)]:
            for name, sampler in SAMPLERS.items():
                for budget in {*BUDGETS, rule.shortest if rule else 3}:
                    if rule is None or rule.shortest <= budget:
                        tag = (pattern, name, budget)
                        yield Request(str(seed), (1, 2 + seed), sampler, budget, tag=tag, constraint=rule)


def answers(engine, asked):
    return {
        (c.request.key, c.request.tag, c.sample_index): (c.tokens, c.text, c.logprob, c.finish_reason)
        for c in engine.run(asked)
    }


@pytest.fixture(scope="module")
def plain(engines):
    return answers(engines[16], requests())


def test_every_text_matches_and_ends_where_it_may(plain):
    reasons = set()
    for (_, (pattern, name, budget), rank), (tokens, text, _, reason) in plain.items():
        reasons.add(reason)
        assert len(tokens) <= budget
        assert reason == "end" or len(tokens) == budget
        if pattern is not None:
            assert re.fullmatch(pattern, text), (pattern, name, rank)
            assert (tokens, reason == "end") in outputs_of(pattern, budget) or budget > 5
    assert reasons == {"end", "length"}


OUTPUTS = {}


def outputs_of(pattern, budget):
    if budget > 5:
        return ()
    if (pattern, budget) not in OUTPUTS:
        OUTPUTS[pattern, budget] = set(outputs(RULES[pattern], budget))
    return OUTPUTS[pattern, budget]


def test_rows_without_a_constraint_are_as_they_are_without_a_bank(engines, plain):
    free = answers(engines["free"], [request for request in requests() if request.constraint is None])
    assert free.items() <= plain.items()


@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_neighbours_order_and_chunks_change_nothing(engines, plain, data):
    asked = list(requests())
    order = data.draw(st.randoms(use_true_random=False))
    order.shuffle(asked)
    some = asked[: data.draw(st.sampled_from([1, 7, len(asked)]))]
    engine = engines[data.draw(st.sampled_from([16, 3]))]
    engine.lanes = data.draw(st.integers(1, 2))
    assert answers(engine, some).items() <= plain.items()


def test_the_best_beam_is_the_likeliest_of_all_that_match(engines):
    table = markov(VOCAB, order=1, spread=1.5)._table
    table = table - np.log(np.exp(table).sum(1, keepdims=True))
    sampler = SamplerSettings(strategy="beam", beams=32, length_penalty=0)
    engine = Engine(markov(VOCAB, order=1, spread=1.5), TOKENIZER, [sampler], bank=Bank(VOCAB, RULES.values(), False))
    for pattern, rule in RULES.items():
        budget = max(rule.shortest, 3)
        best = max(
            sum(table[a, b] for a, b in zip((2, *tokens), (*tokens, *[END] * ended), strict=True))
            if ended
            else sum(table[a, b] for a, b in zip((2, *tokens), tokens, strict=False))
            for tokens, ended in outputs(rule, budget)
        )
        (found,) = engine.run([Request("s", (1, 2), sampler, budget, constraint=rule)])
        assert found.logprob == pytest.approx(best, abs=1e-4), pattern


def test_a_model_that_rules_out_all_that_is_allowed_ends_with_error():
    table = np.zeros((VOCAB, VOCAB))
    table[:, 2] = -np.inf  # never a
    engine = Engine(MarkovModel(table), TOKENIZER, SAMPLERS.values(), bank=Bank(VOCAB, RULES.values(), False))
    asked = [Request("s", (1,), own, 5, tag=name, constraint=RULES["a{3}"]) for name, own in SAMPLERS.items()]
    reasons = {(each.request.tag, each.finish_reason) for each in engine.run(asked)}
    assert reasons == {(name, "error") for name in SAMPLERS}


@given(st.lists(st.sampled_from([None, *RULES.values()]), min_size=TILE, max_size=TILE), st.data())
@settings(max_examples=10, deadline=None)
def test_the_graph_says_what_the_automaton_says(automata, data):
    tables = Bank(VOCAB, RULES.values(), of_rows=False).tables(automata)
    draw = np.random.default_rng(data.draw(st.integers(0, 99)))
    state = np.array([draw.choice(rule.states) if rule else 0 for rule in automata], np.int32)
    remaining = draw.integers(1, 6, TILE).astype(np.int32)
    token = draw.integers(VOCAB, size=TILE).astype(np.int32)
    allowed = np.asarray(permitted(tables, state, remaining))
    after = np.asarray(moved(tables, state, token))
    for row, rule in enumerate(automata):
        if rule is None:
            assert allowed[row].all() and after[row] == 0
            continue
        assert (allowed[row] == rule.allowed(int(state[row]), int(remaining[row]))).all()
        if rule.allowed(int(state[row]), 2**15)[token[row]]:
            assert after[row] == rule.after(int(state[row]), int(token[row]))
        else:
            assert after[row] == state[row]


def test_shapes_are_the_jobs():
    for own, of_rows in (((), True), (RULES.values(), False), (RULES.values(), True)):
        bank = Bank(VOCAB, own, of_rows)
        empty, full = bank.tables([None] * TILE), bank.tables([*RULES.values(), *[None] * (TILE - len(RULES))])
        assert {name: leaf.shape for name, leaf in empty.items()} == {name: leaf.shape for name, leaf in full.items()}
    assert bank.tables([None] * TILE)["owners"].nbytes <= 2 * (4 * TILE * OF_ROW.entries + 2**20)
