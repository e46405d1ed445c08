"""Words at Unicode boundaries, and what becomes of those that aren't in the vocabulary."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.tokenization import word
from textgen_core.tokenization.settings import WordSettings
from textgen_core.tokenization.word import WordTokenizer, segments

TRAINING = ["A cat, the cat and the dog's dog's\n\n", "a\ta\t 3.14 3.14"]
FITTED = WordTokenizer.fit(WordSettings(min_count=2), [TRAINING])


def pieces_of(tokenizer: WordTokenizer, text: str) -> list[str]:
    return [tokenizer.pieces[id].decode() for id in tokenizer.encode([text])[0]]


@pytest.mark.parametrize(
    ("chunk", "expected"),
    [
        ("can't", ["can't"]),
        (" don\u2019t,", [" don\u2019t", ","]),
        ("3.14", ["3.14"]),
        ("(really)...", ["(", "really", ")", ".", ".", "."]),
        (" \U0001f1eb\U0001f1f7\U0001f1e9\U0001f1ea", [" \U0001f1eb\U0001f1f7", "\U0001f1e9\U0001f1ea"]),
        ("👩\u200d👩\u200d👧", ["👩\u200d👩\u200d👧"]),
        ("日本語", ["日", "本", "語"]),
        ("e\u0301tait", ["e\u0301tait"]),
        ("çözüm", ["çözüm"]),
        (" ", [" "]),
    ],
)
def test_chunks_split_at_unicode_word_boundaries(chunk: str, expected: list[str]) -> None:
    assert segments(chunk) == expected


@given(text=st.text(min_size=1, max_size=30))
@settings(max_examples=300, deadline=None)
def test_segments_joined_are_the_text(text: str) -> None:
    chunks = word._CHUNK.findall(text)
    assert "".join(chunks) == text
    assert ["".join(segments(chunk)) for chunk in chunks] == chunks


def test_a_token_holds_the_space_before_it() -> None:
    assert pieces_of(FITTED, "a cat  the") == ["a", " cat", " ", " the"]


def test_an_unknown_word_keeps_its_space_and_one_known_without_it_is_spelt_in_two() -> None:
    assert FITTED.decode(FITTED.encode(["The (zyzzyva) zyzzyva dog's"])[0]) == "\ufffd \ufffd\ufffd\ufffd \ufffd dog's"
    assert pieces_of(FITTED, " a") == [" ", "a"]


@given(text=st.text(st.sampled_from("theca zq,\n\ufffd1"), max_size=30))
@settings(max_examples=300, deadline=None)
def test_only_unknown_words_are_replaced_and_nothing_else(text: str) -> None:
    expected = "".join(
        part
        if part in known
        else (" " if part[0] == " " else "") + (part.strip() if part.strip() in known else "\ufffd")
        for known in [{*FITTED.words, " "}]
        for chunk in word._CHUNK.findall(text)
        for part in segments(chunk)
    )
    assert FITTED.decode(FITTED.encode([text])[0]) == expected


def test_the_most_frequent_are_kept_and_ties_go_by_code_point() -> None:
    tokenizer = WordTokenizer.fit(WordSettings(min_count=1, vocab_size=8), [["b d c a", " d a", "e"]])
    assert tokenizer.words == [" a", " d", " c", "b"]
    assert tokenizer.vocab_size == 8


def test_unknown_words_are_priced_by_the_rare_words_of_training() -> None:
    tokenizer = WordTokenizer.fit(WordSettings(min_count=2), [["common common common rarest rarely"]])
    likely, unlikely = tokenizer.spelling_bits(["rarer", "xkcdq"])
    assert 0 < likely < unlikely
    twice, once, none = tokenizer.spelling_bits(["rarer rarer", "rarer", " common"])
    assert twice == pytest.approx(2 * once)
    assert none == 0


def test_counting_forgets_only_words_met_once(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = [["often", "often"], [f"w{n}" for n in range(50)], ["often"]]
    assert len(word._count(batches)) == 51
    monkeypatch.setattr(word, "MAX_COUNTED", 20)
    assert word._count(batches) == {"often": 3}


def test_runs_without_a_boundary_never_become_words() -> None:
    assert WordTokenizer.fit(WordSettings(min_count=1), [["x" * 65, "y" * 64]]).words == ["y" * 64]
