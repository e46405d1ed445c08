"""A token automaton allows exactly the tokens whose text can still become one that matches."""

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.contracts.test_tokenizers import FITTED
from tests.decoding.constraints.vocabularies import END, Spelt, compiled, next_tokens, outputs, patterns, texts
from textgen_core.errors import SettingsError

LETTERS = "abc"
PIECES = st.lists(st.text(LETTERS, min_size=1, max_size=3), max_size=5).map(lambda more: [*LETTERS, *more])


def matching(pattern, longest):
    return [text for text in texts(LETTERS, longest) if re.fullmatch(pattern, text)]


@settings(max_examples=150, deadline=None)
@given(pattern=patterns(LETTERS), pieces=PIECES, room=st.integers(0, 3))
def test_all_that_comes_out_matches_and_all_that_matches_may_come_out(pattern, pieces, room):
    tokenizer = Spelt(*pieces)
    try:
        automaton = compiled("regex", pattern, tokenizer)
    except SettingsError:
        assert not matching(pattern, 5)
        return
    found = outputs(automaton, room)
    assert len(set(found)) == len(found)
    for tokens, _ in found:
        assert re.fullmatch(pattern, tokenizer.decode(tokens))
    spelt = {tokenizer.decode(tokens) for tokens, _ in found}
    assert {text for text in matching(pattern, 3) if len(text) <= room} <= spelt
    assert bool(found) == (automaton.shortest <= room)


@settings(max_examples=100, deadline=None)
@given(pattern=patterns(LETTERS), pieces=PIECES, path=st.lists(st.integers(2, 9), max_size=4))
def test_exactly_the_tokens_that_stay_beginnings_of_a_match(pattern, pieces, path):
    tokenizer = Spelt(*pieces)
    matches = matching(pattern, 7)
    assume(matches)
    automaton = compiled("regex", pattern, tokenizer)
    state, before = 0, ""
    for token in (id for id in path if id < tokenizer.vocab_size):
        allowed = next_tokens(automaton, state, 2**15)
        assert (END in allowed) == bool(re.fullmatch(pattern, before))
        text = before + tokenizer.decode([token])
        if any(match.startswith(text) for match in matches):
            assert token in allowed
        elif token in allowed:  # then what completes it is longer than all that was tried
            assert len(text) > 2
        if token not in allowed:
            break
        state, before = automaton.after(state, token), text


@pytest.mark.parametrize("pattern", ["ab", "a{4}", "(ab)*c", "a|bbb"])
def test_a_budget_of_just_the_shortest_match_is_enough(pattern):
    tokenizer = Spelt("a", "b", "c", "ab")
    automaton = compiled("regex", pattern, tokenizer)
    assert outputs(automaton, automaton.shortest)
    assert not outputs(automaton, automaton.shortest - 1) or not automaton.shortest
    assert {"ab": 1, "a{4}": 4, "(ab)*c": 1, "a|bbb": 1}[pattern] == automaton.shortest


def test_the_end_is_all_that_is_left_where_a_text_can_only_be_over():
    automaton = compiled("regex", "a", Spelt("a", "b"))
    assert next_tokens(automaton, 0, 9) == [2]
    assert next_tokens(automaton, automaton.after(0, 2), 9) == [END]


@pytest.mark.parametrize("name", FITTED)
@pytest.mark.parametrize("pattern", [r"\w+( \w+)*", ".{1,9}", r"[^a-z]{2,5}", "(To|be|or|not|that|is| )+"])
@given(choices=st.lists(st.integers(0, 10**6), min_size=12, max_size=12))
@settings(max_examples=15, deadline=None)
def test_the_text_of_every_tokenizer_matches(name, pattern, choices):
    tokenizer = FITTED[name]
    automaton = known(name, pattern)
    assert automaton.shortest <= len(choices)
    tokens, state = [], 0
    for choice in choices:
        allowed = next_tokens(automaton, state, len(choices) - len(tokens))
        token = allowed[choice % len(allowed)]
        if token == END:
            break
        tokens.append(token)
        state = automaton.after(state, token)
    text = tokenizer.decode(tokens)
    assert re.fullmatch(pattern, text)
    assert tokenizer.unknown_id not in tokens


@pytest.mark.parametrize("name", FITTED)
def test_a_text_may_be_spelt_as_the_tokenizer_spells_it(name):
    tokenizer = FITTED[name]
    automaton = known(name, "(To|be|or|not|that|is| )+")
    state = 0
    (tokens,) = tokenizer.encode(["To be or that is not"])
    assert tokenizer.unknown_id not in tokens
    for token in tokens:
        assert token in next_tokens(automaton, state, 99)
        state = automaton.after(state, token)
    assert END in next_tokens(automaton, state, 99)


KNOWN = {}


def known(name, pattern):
    """Compiled once."""
    if (name, pattern) not in KNOWN:
        KNOWN[name, pattern] = compiled("regex", pattern, FITTED[name])
    return KNOWN[name, pattern]


def test_what_can_not_be_spelt_is_refused():
    with pytest.raises(SettingsError, match="can spell"):
        compiled("regex", "z+", Spelt("a", "b"))
    with pytest.raises(SettingsError, match="can spell"):
        compiled("choices", ["\ufffd"], FITTED["word"])


def test_a_branch_that_can_not_be_finished_is_never_entered():
    automaton = compiled("regex", "az|ab", Spelt("a", "b"))
    assert next_tokens(automaton, automaton.after(0, 2), 9) == [3]
    with pytest.raises(SettingsError):
        compiled("regex", "az", Spelt("a", "b"))
