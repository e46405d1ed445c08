"""Automata are as small as can be, and their tables hold just their moves."""

import json
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decoding.constraints.test_pattern import accepts
from tests.decoding.constraints.vocabularies import Spelt, compiled, patterns, texts
from textgen_core.decoding.constraints.acyclic import smallest
from textgen_core.decoding.constraints.building import automaton
from textgen_core.decoding.constraints.choices import choices
from textgen_core.decoding.constraints.comb import displacements
from textgen_core.decoding.constraints.language import Choice, Common, literal
from textgen_core.decoding.constraints.limits import Meter
from textgen_core.decoding.constraints.pattern import parse
from textgen_core.errors import SettingsError

WORDS = st.lists(st.text("abc", max_size=5), min_size=1, max_size=12)
SHORT = texts("abc", 4)


def follow(dfa, state):
    """Which of the short texts lead from a state to the end of a text."""
    found = []
    for text in SHORT:
        after = state
        for byte in text.encode():
            after = dfa.moves[after, dfa.kind_of[byte]]
        found.append(bool(dfa.accepting[after]))
    return tuple(found)


@settings(max_examples=150, deadline=None)
@given(pattern=patterns("abc"))
def test_from_no_two_states_the_same_texts_follow(pattern):
    dfa = automaton(parse(pattern))
    pairs = [(one, other) for one in range(len(dfa.moves)) for other in range(one)]
    following = [follow(dfa, state) for state in range(len(dfa.moves))]
    alike = [(one, other) for one, other in pairs if following[one] == following[other]]
    for one, other in alike:  # then longer texts tell them apart
        assert len(dfa.moves) > 5, (pattern, one, other)
        assert dfa.accepting[one] == dfa.accepting[other] and list(dfa.moves[one]) != list(dfa.moves[other])
    assert any(dfa.accepting) == (dfa.dead > 0)


@given(words=WORDS)
def test_words_need_no_more_states_than_what_they_are_minimised_to(words):
    dfa = automaton(Choice(tuple(map(literal, words))))
    graph = smallest(word.encode() for word in words)
    assert len(graph) == dfa.dead
    assert automaton(choices(json.dumps(words))).dead == dfa.dead
    assert [accepts(dfa, text.encode()) for text in SHORT] == [text in words for text in SHORT]


def test_repeats_that_only_tell_apart_at_the_end_are_minimised_too():
    assert automaton(parse("(a{0,300}|a{0,200}a{100})b*")).dead == automaton(parse("a{0,300}b*")).dead == 301


@settings(max_examples=100, deadline=None)
@given(one=patterns("abc"), other=patterns("abc"))
def test_what_is_common_to_languages_and_what_is_in_just_one(one, other):
    languages = parse(one), parse(other)
    both, either = automaton(Common(languages)), automaton(Common(languages, just_one=True))
    first, second = map(automaton, languages)
    for text in SHORT:
        of_each = [accepts(dfa, text.encode()) for dfa in (first, second)]
        assert accepts(both, text.encode()) == all(of_each)
        assert accepts(either, text.encode()) == (of_each[0] != of_each[1])


ROWS = st.lists(st.sets(st.integers(0, 39), min_size=1), min_size=1, max_size=60)


@given(rows=ROWS)
def test_rows_of_a_comb_share_no_place(rows):
    begins = np.cumsum([0, *map(len, rows)])
    columns = np.concatenate([sorted(row) for row in rows])
    starts = displacements(begins, columns, 40, Meter(10**6, "places"))
    places = np.repeat(starts, np.diff(begins)) + columns
    assert len(set(places.tolist())) == len(places)
    assert len(set(starts.tolist())) == len(rows) and starts[0] == 0


def test_a_comb_is_not_longer_than_it_may_be():
    rows, width = 50, 10
    begins, columns = np.arange(rows + 1) * width, np.tile(np.arange(width), rows)
    assert displacements(begins, columns, width, Meter(rows * width, "places")).max() == (rows - 1) * width
    with pytest.raises(SettingsError, match="places"):
        displacements(begins, columns, width, Meter(rows * width - 1, "places"))


def test_thousands_of_choices_take_little_room():
    draw = random.Random(0)
    syllables = ["ba", "ri", "mon", "te", "lu", "so", "ka", "dre", "vin", "po", "en", "os"]
    words = sorted({"".join(draw.choices(syllables, k=draw.randint(2, 5))) for _ in range(5000)})
    rule = compiled("choices", words, Spelt(*"abdeiklmnoprstuv", *syllables))
    assert len(words) > 3000
    moves = int((rule.owners >= 0).sum())
    assert len(rule.owners) < 1.5 * moves < 20_000
    for word in draw.sample(words, 50):
        state = 0
        for letter in word:
            state = rule.after(state, "abdeiklmnoprstuv".index(letter) + 2)
        assert rule.allowed(state, 1)[1]
