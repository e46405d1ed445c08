"""The price of unknown words is that of a proper distribution over all strings."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.tokenization.spelling import EDGE, OUTCOMES, Spelling

WORDS = st.dictionaries(st.text("abcé語", min_size=1, max_size=5), st.integers(1, 9), max_size=6)
STRANGER = "z"


def outcomes_of(spelling: Spelling, words: dict[str, int]) -> list[str]:
    return [EDGE, *sorted(set("".join(words)))]


@settings(deadline=None)
@given(words=WORDS)
def test_after_every_history_the_outcomes_sum_to_one_and_each_has_some(words: dict[str, int]) -> None:
    spelling = Spelling.fit(words)
    seen = outcomes_of(spelling, words)
    for history in [*seen, STRANGER]:
        chances = [spelling.probability(outcome, history) for outcome in seen]
        stranger = spelling.probability(STRANGER, history)
        assert min(*chances, stranger) > 0
        assert math.fsum(chances) + stranger * (OUTCOMES - len(seen)) == pytest.approx(1, abs=1e-9)


@settings(deadline=None)
@given(words=WORDS)
def test_all_strings_together_have_at_most_probability_one(words: dict[str, int]) -> None:
    spelling = Spelling.fit(words)
    letters = [*outcomes_of(spelling, words)[1:], STRANGER]  # the stranger stands for all characters never seen
    many = dict.fromkeys(letters, 1) | {STRANGER: OUTCOMES - len(letters)}
    going_on, ended = {EDGE: 1.0}, 0.0
    for _ in range(60):
        ended += math.fsum(mass * spelling.probability(EDGE, last) for last, mass in going_on.items())
        going_on = {
            letter: math.fsum(m * many[letter] * spelling.probability(letter, last) for last, m in going_on.items())
            for letter in letters
        }
        assert ended <= 1 + 1e-9
        assert ended + math.fsum(going_on.values()) == pytest.approx(1)


@settings(deadline=None)
@given(words=WORDS.filter(bool), word=st.text(max_size=5))
def test_bits_are_those_of_the_probability(words: dict[str, int], word: str) -> None:
    spelling = Spelling.fit(words)
    chance = 1.0
    for history, outcome in zip(["", *word], [*word, ""], strict=True):
        chance *= spelling.probability(outcome, history)
    assert spelling.bits(word) == pytest.approx(-math.log2(chance))


def test_an_outcome_is_any_character_or_the_end() -> None:
    assert sum(not 0xD800 <= point <= 0xDFFF for point in range(0x110000)) + 1 == OUTCOMES


def test_words_like_those_it_was_fitted_on_are_cheaper() -> None:
    spelling = Spelling.fit({"running": 3, "sunning": 2, "gunning": 1})
    assert spelling.bits("punning") < spelling.bits("gnunpin") < spelling.bits("語語語語語語語")


def test_without_words_every_string_still_has_a_price() -> None:
    assert Spelling.fit({}).bits("ab") == pytest.approx(3 * math.log2(OUTCOMES))
