"""What every tokenizer must do, on all of Unicode. A new kind is tested by its line in TOKENIZERS and one here."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.errors import DatasetError
from textgen_core.tokenization.incremental import IncrementalDecoder
from textgen_core.tokenization.interface import SPECIALS, Tokenizer
from textgen_core.tokenization.settings import ByteSettings, CharSettings, SubwordSettings, WordSettings
from textgen_core.tokenization.tokenizers import TOKENIZERS, dump, fit_tokenizer, from_json

TRAINING = [
    "To be, or not to be: that is the question.\n" * 3,
    "Ey oğul, bağını çöz, özgür ol! Ne zamana kadar gümüşün, altının tutsağı olacaksın?\r\n",  # noqa: RUF001
    "日本語のテキスト。 👩‍👩‍👧 e\u0301 naïve can't 3.14 <|endoftext|>\u2028\t",
    "can't stop, can't stop -- won't stop\n" * 2,
]
CASES = {
    "char": CharSettings(),
    "char, capped": CharSettings(max_characters=12),
    "char, unknown": CharSettings(fallback="unknown", min_count=2),
    "byte": ByteSettings(),
    "word": WordSettings(),
    "word, everything": WordSettings(min_count=1),
    "bpe": SubwordSettings(vocab_size=400),
    "unigram": SubwordSettings(algorithm="unigram", vocab_size=320, min_count=1),
}
FITTED = {name: fit_tokenizer(case, [TRAINING[:2], TRAINING[2:]]) for name, case in CASES.items()}
LOSSLESS = [name for name, tokenizer in FITTED.items() if tokenizer.unknown_id is None]
LOSSY = [name for name in FITTED if name not in LOSSLESS]

FAMILIAR = st.lists(st.sampled_from("".join(TRAINING)), max_size=40).map("".join)
PHRASES = st.lists(st.sampled_from([*"".join(TRAINING).split(), " ", "  ", "\n", "zyzzyva", "\ufffd"])).map(" ".join)
TEXTS = st.one_of(st.text(max_size=60), FAMILIAR, PHRASES)
WITH_SURROGATES = st.text(st.characters(), max_size=20)

every = pytest.mark.parametrize("tokenizer", FITTED.values(), ids=FITTED)


def test_every_kind_is_here() -> None:
    assert {tokenizer.kind for tokenizer in FITTED.values()} == set(TOKENIZERS)


@pytest.mark.parametrize("name", LOSSLESS)
@given(texts=st.lists(TEXTS, max_size=4))
@settings(max_examples=60, deadline=None)
def test_lossless_kinds_give_the_text_back(name: str, texts: list[str]) -> None:
    tokenizer = FITTED[name]
    assert [tokenizer.decode(ids) for ids in tokenizer.encode(texts)] == texts
    assert tokenizer.spelling_bits(texts) == [0.0] * len(texts)


@pytest.mark.parametrize("name", LOSSY)
@given(text=TEXTS)
@settings(max_examples=150, deadline=None)
def test_lossy_kinds_lose_nothing_twice_and_charge_for_what_they_lose(name: str, text: str) -> None:
    tokenizer = FITTED[name]
    (ids,) = tokenizer.encode([text])
    readable = tokenizer.decode(ids)
    assert tokenizer.encode([readable]) == [ids]
    (bits,) = tokenizer.spelling_bits([text])
    if tokenizer.unknown_id in ids:
        assert bits > 0
    else:
        assert (readable, bits) == (text, 0.0)


@every
@given(texts=st.lists(WITH_SURROGATES, max_size=3))
@settings(max_examples=40, deadline=None)
def test_ids_are_in_range_and_never_special_also_for_surrogates(tokenizer: Tokenizer, texts: list[str]) -> None:
    rows = tokenizer.encode(texts)
    assert all(SPECIALS <= id < tokenizer.vocab_size for row in rows for id in row)
    assert [not row for row in rows] == [not text for text in texts]
    assert all(bits >= 0 for bits in tokenizer.spelling_bits(texts))


@every
def test_a_lone_surrogate_is_read_as_the_replacement_character(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode(["to \ud83d be", "\ud83d\ude00"]) == tokenizer.encode(["to \ufffd be", "\U0001f600"])


@every
@given(texts=st.lists(TEXTS, max_size=4))
@settings(max_examples=40, deadline=None)
def test_a_text_is_encoded_the_same_in_any_company(tokenizer: Tokenizer, texts: list[str]) -> None:
    assert tokenizer.encode(texts) == [tokenizer.encode([text])[0] for text in texts]
    flat = tokenizer.encode_flat(texts)
    assert flat.ids.dtype == "int32"
    assert (flat.ids.tolist(), flat.lengths.tolist()) == (
        [id for row in tokenizer.encode(texts) for id in row],
        [len(row) for row in tokenizer.encode(texts)],
    )


@every
def test_end_of_text_in_a_text_is_plain_text(tokenizer: Tokenizer) -> None:
    assert len(tokenizer.encode(["<|endoftext|>"])[0]) > 1


@every
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_decoding_as_ids_come_equals_decoding_the_whole(tokenizer: Tokenizer, data: st.DataObject) -> None:
    ids = data.draw(st.lists(st.integers(0, tokenizer.vocab_size - 1), max_size=30))
    decoder = IncrementalDecoder(tokenizer)
    pieces = [decoder.feed([id]) for id in ids]
    assert "".join(pieces) + decoder.finish() == tokenizer.decode(ids)
    assert "".join(decoder.feed(ids)) + decoder.finish() == tokenizer.decode(ids)


@every
@given(text=TEXTS)
@settings(max_examples=20, deadline=None)
def test_json_holds_all_there_is(tokenizer: Tokenizer, text: str) -> None:
    again = from_json(json.loads(dump(tokenizer)))
    assert dump(again) == dump(tokenizer)
    assert again.encode([text]) == tokenizer.encode([text])
    assert again.spelling_bits([text]) == tokenizer.spelling_bits([text])
    assert again.pieces == tokenizer.pieces


@pytest.mark.parametrize("name", CASES)
def test_equal_text_gives_equal_tokenizers_however_it_is_batched(name: str) -> None:
    again = fit_tokenizer(CASES[name], [[text] for text in TRAINING])
    assert dump(again) == dump(FITTED[name])


@every
def test_damage_is_noticed(tokenizer: Tokenizer) -> None:
    document = tokenizer.to_json()
    for name in document:
        for damaged in ({**document, name: {"no": []}}, {**document, name: None}):
            with pytest.raises(DatasetError, match="tokenizer"):
                from_json(damaged)
    with pytest.raises(DatasetError):
        from_json({**document, "stranger": 1})
