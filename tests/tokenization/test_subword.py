"""Pieces trained and applied by Hugging Face's library, through our chunks."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import pre_tokenizers

from textgen_core.tokenization import chunks
from textgen_core.tokenization.interface import SPECIALS
from textgen_core.tokenization.settings import SubwordSettings
from textgen_core.tokenization.subword import SubwordTokenizer
from textgen_core.tokenization.subword_training import byte_alphabet
from textgen_core.tokenization.tokenizers import dump, from_json

TRAINING = ["The cat sat on the mat.  It's the cat's mat!\n\n" * 3, "Güneş doğudan doğar \t\x1c x\u3000y\u200bz"]
FITTED = {
    name: SubwordTokenizer.fit(SubwordSettings(algorithm=name, vocab_size=300), [TRAINING])
    for name in ("bpe", "unigram")
}
SPACES = st.text(st.sampled_from("a'st!1 \t\n\r\x0b\x1c\x1f\x85\xa0\u180e\u2003\u200b\u2028\u3000\ufeff"), max_size=30)


@pytest.mark.parametrize("tokenizer", FITTED.values(), ids=FITTED)
@given(text=st.one_of(st.text(max_size=50), SPACES))
@settings(max_examples=300, deadline=None)
def test_ids_are_those_of_the_library_moved_up(tokenizer: SubwordTokenizer, text: str) -> None:
    assert tokenizer.encode([text])[0] == [id + SPECIALS for id in tokenizer._backend.encode(text).ids]


def test_the_byte_alphabet_is_the_librarys() -> None:
    assert set(byte_alphabet()) == set(pre_tokenizers.ByteLevel.alphabet())
    spelt = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    for text in ("\x00 az~\x7f", "çığ", "\U0001f600\u3000"):
        assert "".join(piece for piece, _ in spelt.pre_tokenize_str(text)) == "".join(
            byte_alphabet()[byte] for byte in text.encode()
        )


def test_the_vocabulary_is_as_large_as_asked_where_the_text_allows() -> None:
    assert SubwordTokenizer.fit(SubwordSettings(vocab_size=265), [TRAINING]).vocab_size == 265
    assert SubwordTokenizer.fit(SubwordSettings(vocab_size=5000), [["a b"]]).vocab_size < 300


@pytest.mark.parametrize("algorithm", ["bpe", "unigram"])
@pytest.mark.parametrize("texts", [["a" * 50], ["0000000000"], ["a"], ["\U0001f600" * 30], [""], []])
def test_texts_that_teach_nothing_leave_the_bytes(algorithm: Literal["bpe", "unigram"], texts: list[str]) -> None:
    fitted = SubwordTokenizer.fit(SubwordSettings(algorithm=algorithm, vocab_size=300, min_count=1), [texts])
    again = from_json(json.loads(dump(fitted)))
    assert set(fitted.pieces) >= {bytes([byte]) for byte in range(256)}
    for text in ("a" * 50, "b 0 ç\U0001f600\n"):
        assert fitted.encode([text]) == again.encode([text])
        assert again.decode(again.encode([text])[0]) == text


def test_other_processes_and_thread_counts_learn_the_same() -> None:
    program = """
import hashlib
from textgen_core.tokenization.settings import SubwordSettings
from textgen_core.tokenization.subword import SubwordTokenizer
from textgen_core.tokenization.tokenizers import dump, from_json
words = [a + b + c for a in "bdfgklm" for b in "aeiouy" for c in ("n", "st", "rt", "", "ç")]
texts = [" ".join(words[n % 7 :: n % 11 + 1]) for n in range(120)]
for algorithm in ("bpe", "unigram"):
    settings = SubwordSettings(algorithm=algorithm, vocab_size=420)
    print(hashlib.sha256(dump(SubwordTokenizer.fit(settings, [texts]))).hexdigest())
"""
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "TOKENIZERS_PARALLELISM": parallel, "RAYON_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for parallel, threads in (("true", "2"), ("true", "3"), ("false", "1"))
    }
    assert len(digests) == 1


@pytest.mark.parametrize("tokenizer", FITTED.values(), ids=FITTED)
def test_forgetting_chunks_changes_nothing(tokenizer: SubwordTokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CACHED", 3)
    small = SubwordTokenizer.model_validate(tokenizer.to_json())
    texts = [f"the cat sat {n} " * 3 + "x" * 50 for n in range(20)]
    assert [small.encode([text]) for text in texts] == [tokenizer.encode([text]) for text in texts]
    assert len(small._encoder._known) <= 6
    assert hashlib.sha256(dump(small)).digest() == hashlib.sha256(dump(tokenizer)).digest()
