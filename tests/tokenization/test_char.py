"""Characters with a token, and what becomes of the others."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.tokenization.char import CharTokenizer
from textgen_core.tokenization.interface import SPECIALS
from textgen_core.tokenization.settings import CharSettings

TEXTS = st.lists(st.text(st.characters(codec="utf-8"), max_size=20), max_size=5)


def naive(tokenizer: CharTokenizer, text: str) -> list[int]:
    first = tokenizer.vocab_size - len(tokenizer.characters)
    ids: list[int] = []
    for character in text:
        if character in tokenizer.characters:
            ids.append(first + tokenizer.characters.index(character))
        elif tokenizer.fallback == "unknown":
            ids.append(SPECIALS)
        else:
            ids += [SPECIALS + byte for byte in character.encode()]
    return ids


@given(training=TEXTS, texts=TEXTS, fallback=st.sampled_from(["bytes", "unknown"]), cap=st.integers(1, 9))
@settings(max_examples=100, deadline=None)
def test_table_lookups_equal_a_plain_loop(training: list[str], texts: list[str], fallback: str, cap: int) -> None:
    tokenizer = CharTokenizer.fit(CharSettings(fallback=fallback, max_characters=cap), [training])
    assert tokenizer.encode(texts + training) == [naive(tokenizer, text) for text in texts + training]


def test_the_most_frequent_characters_are_kept_and_ties_go_by_code_point() -> None:
    assert CharTokenizer.fit(CharSettings(max_characters=3), [["zzz dcba", "a"]]).characters == " az"
    assert CharTokenizer.fit(CharSettings(min_count=2), [["zzz dcba", "a"]]).characters == "az"


def test_the_unknown_fallback_has_the_smallest_vocabulary() -> None:
    tokenizer = CharTokenizer.fit(CharSettings(fallback="unknown"), [["abc"]])
    assert tokenizer.vocab_size == SPECIALS + 1 + 3
    known, rare = tokenizer.spelling_bits(["abc", "x"])
    assert (known, rare > 10) == (0.0, True)
