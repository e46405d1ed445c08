"""Patterns mean what Python's re says, or are refused."""

import re
import sys
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.decoding.constraints.building import automaton
from textgen_core.decoding.constraints.compiling import Compiler, Constraint
from textgen_core.decoding.constraints.limits import OF_JOB, OF_ROW
from textgen_core.decoding.constraints.pattern import parse
from textgen_core.errors import SettingsError
from textgen_core.tokenization.byte import ByteTokenizer


def accepts(dfa, data):
    state = 0
    for byte in data:
        state = dfa.moves[state, dfa.kind_of[byte]]
    return bool(dfa.accepting[state])


ESCAPES = [
    r"\d",
    r"\D",
    r"\w",
    r"\W",
    r"\s",
    r"\S",
    r"\n",
    r"\t",
    r"\x41",
    r"\u00e9",
    r"\U0001F600",
    r"\.",
    r"\-",
    r"\0",
]
MEMBERS = st.sampled_from(["a", "b-d", "é", "ß-ÿ", "0-9", "_", *ESCAPES, r"\b", "^", "-", "日", "😀-😂", ".", "$", "("])
SETS = st.tuples(st.sampled_from(["[", "[^"]), st.lists(MEMBERS, min_size=1, max_size=4).map("".join)).map(
    lambda parts: "".join(parts) + "]"
)
ATOMS = st.one_of(st.sampled_from(["a", "b", "é", "日", "😀", ".", "{", "}", "]", "-", *ESCAPES]), SETS)
QUANTIFIERS = st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,}", "{,2}", "{}", "{a}", "??", "+?"])
PARTS = st.tuples(ATOMS, QUANTIFIERS).map("".join)
PATTERNS = st.recursive(
    PARTS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
        inner.map(lambda part: f"(?:{part})*"),
        inner.map(lambda part: f"(?P<n>{part})?" if "?P" not in part else part),
    ),
    max_leaves=5,
)
TEXTS = st.lists(st.sampled_from("aabbcdé日😀{}-.]_^$(0٣ \n\t\0A\b\x85ÿ"), max_size=4).map("".join)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@settings(max_examples=200, deadline=None)
@given(pattern=PATTERNS, texts=st.lists(st.one_of(TEXTS, st.text(max_size=3)), max_size=12))
def test_agrees_with_re(pattern, texts):
    try:
        language = parse(pattern)
    except SettingsError as error:
        assert "must be one of Python's re" in str(error) or re.search(r"\[\^?[^]]*\\0", pattern)
        return
    dfa = automaton(language)
    for text in texts:
        assert accepts(dfa, text.encode()) == bool(re.fullmatch(pattern, text)), (pattern, text)


@pytest.mark.parametrize("name", [r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", ".", "[^a-zé]", "[À-ɏ😀]"])
def test_sets_hold_the_characters_that_re_says_and_no_broken_bytes(name):
    dfa = automaton(parse(name))
    characters = [chr(point) for point in range(0x110000) if not 0xD800 <= point <= 0xDFFF]
    expected = np.array([re.fullmatch(name, character) is not None for character in characters])
    sample = np.union1d(np.flatnonzero(np.diff(expected)), np.arange(0, len(characters), 97))  # borders, and others
    sample = np.union1d(sample, sample[:-1] + 1)
    assert [accepts(dfa, characters[i].encode()) for i in sample] == expected[sample].tolist()
    for broken in (b"\x80", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\xff"):
        assert not accepts(dfa, broken)


ANCHORED = [("^ab$", "ab"), (r"\Aab\Z", "ab"), ("^a|b$", "a"), ("^a|b$", "b"), ("^$", ""), ("a$|^b", "b")]


@pytest.mark.parametrize(("pattern", "text"), ANCHORED)
def test_anchors_where_they_change_nothing(pattern, text):
    dfa = automaton(parse(pattern))
    assert accepts(dfa, text.encode())
    assert not accepts(dfa, text.encode() + b"\n")
    assert not accepts(dfa, b"x" + text.encode())


NOT_REGULAR = [
    r"(a)\1",
    "(?=a)a",
    "(?<!a)b",
    r"\bab",
    "a^b",
    "a$b",
    "(^a)",
    "(?i)a",
    "(?i:a)",
    "a*+",
    "(?>a)",
    "(?P=n)",
]
WRONG = ["(", "[a", "a**", "*", "a{3,1}", "[z-a]", r"\q", "a{99999999999}", "(" * 60 + ")" * 60, "[[a]", "(?P<1>a)"]


@pytest.mark.parametrize("pattern", [*NOT_REGULAR, *WRONG, "(" * 5000, "(?:" * 3000 + "a" + ")" * 3000])
def test_what_is_not_regular_is_refused(pattern):
    with pytest.raises(SettingsError, match="a regular expression must be"):
        parse(pattern)


CATASTROPHIC = [
    "(a{1,500}){1,500}",
    pytest.param("(a|b)*a(a|b){30}", marks=pytest.mark.slow),
    "((a?){500}){2}a{500}",
    "(){4000000000}",
    "(((){60000}){60000}){60000}",
    r"(\w{1,60}\s){1,400}",
    pytest.param("(.*a){5000}", marks=pytest.mark.slow),
    "(a*)*{9}" * 3,
    "a" * 2_000_000,
]


MOST_CALLS = 20_000_000


@contextmanager
def few_calls():
    """Fails what calls more functions than that: a count says the same on a busy machine, a clock does not."""
    left = MOST_CALLS

    def count(frame, event, argument):
        nonlocal left
        left -= 1
        assert left >= 0, "it does too much"

    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("pattern", CATASTROPHIC, ids=lambda pattern: pattern[:20])
def test_what_would_take_too_long_is_refused_soon(pattern):
    with pytest.raises(SettingsError), few_calls():
        Compiler(ByteTokenizer(), OF_JOB).compile(Constraint("regex", pattern))


def test_rows_may_bring_less_than_a_job():
    big = Constraint("regex", r"\w{1,9}")
    assert OF_ROW.entries < len(Compiler(ByteTokenizer(), OF_JOB).compile(big).owners) < OF_JOB.entries
    compiler = Compiler(ByteTokenizer(), OF_ROW)
    for _ in range(2):
        with pytest.raises(SettingsError, match="within 65536 "):
            compiler.compile(big)
