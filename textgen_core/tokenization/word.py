"""One token a word or punctuation mark, at Unicode word boundaries (UAX 29).

As in GPT-2 a token holds the space before it, so that decoding only joins: spaces come back exactly as they were.
Where a word is unknown its space stays a token of its own. So decode(encode(text)) is text, with each unknown word
as one U+FFFD, and a second round trip changes nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Literal

import regex
from pydantic import field_validator

from textgen_core.tokenization.chunks import ChunkEncoder
from textgen_core.tokenization.interface import SPECIALS, Flat
from textgen_core.tokenization.pieces import NOTHING, REPLACEMENT, PieceTokenizer, without_surrogates
from textgen_core.tokenization.settings import WordSettings
from textgen_core.tokenization.spelling import Spelling

UNKNOWN = SPECIALS
SPACE = SPECIALS + 1
MAX_LENGTH = 64
"""Longer runs without a boundary (base64, hashes) never become tokens."""
MAX_COUNTED = 4_000_000
"""Distinct words counted at a time; the memory of about 500 MB."""

_CHUNK = re.compile(f" ?[^\\s{REPLACEMENT}]+| ?{REPLACEMENT}|\\s")
"""White space bounds every chunk, so that chunks can be looked up whole; U+FFFD bounds itself, so that what follows an
unknown word splits the same way after a round trip."""
_WORD = regex.compile(r"(?ws).+?\b")


def segments(chunk: str) -> list[str]:
    """A chunk's words and marks; a leading space goes with the first."""
    if chunk[0] != " " or len(chunk) == 1:
        return list(_WORD.findall(chunk))
    first, *rest = _WORD.findall(chunk[1:])
    return [" " + first, *rest]


class WordTokenizer(PieceTokenizer):
    """Ids: PAD, END, unknown, the space, then words by falling frequency."""

    kind: Literal["word"] = "word"
    words: list[str]
    """Words with the space before them, if any; most frequent first, ties by code point."""
    spelling: Spelling
    """Prices unknown words; fitted on those of the train split."""

    @field_validator("words")
    @classmethod
    def _distinct(cls, words: list[str]) -> list[str]:
        if len(set(words)) < len(words) or not all(words) or " " in words:
            raise ValueError("words must be distinct, not empty, and other than the space")
        "".join(words).encode()  # a surrogate is refused here
        return words

    @classmethod
    def fit(cls, settings: WordSettings, batches: Iterable[Sequence[str]]) -> WordTokenizer:
        """Count words; keep the most frequent."""
        counts = _count(batches)
        del counts[" "], counts[REPLACEMENT], counts[" " + REPLACEMENT]
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        words = [word for word in ranked if counts[word] >= settings.min_count][: settings.vocab_size - SPACE - 1]
        unknown: Counter[str] = Counter()
        for word in ranked[len(words) :] or ranked:
            unknown[word.removeprefix(" ")] += counts[word]
        return cls(words=words, spelling=Spelling.fit(unknown))

    @cached_property
    def pieces(self) -> Sequence[bytes]:
        """See Tokenizer."""
        return (*NOTHING, REPLACEMENT.encode(), b" ", *(word.encode() for word in self.words))

    @property
    def unknown_id(self) -> int:
        """See Tokenizer."""
        return UNKNOWN

    def encode_flat(self, texts: Sequence[str]) -> Flat:
        """See Tokenizer."""
        return self._encoder(without_surrogates(texts))

    def spelling_bits(self, texts: Sequence[str]) -> list[float]:
        """See Tokenizer."""
        return [
            sum(self.spelling.bits(word) for chunk in _CHUNK.findall(text) for word in self._unknown(chunk))
            for text in without_surrogates(texts)
        ]

    def _unknown(self, chunk: str) -> list[str]:
        words = [word.removeprefix(" ") for word in segments(chunk) if word not in self._id_of]
        return [word for word in words if word not in self._id_of]

    def _ids(self, chunk: str) -> tuple[int, ...]:
        ids: list[int] = []
        for word in segments(chunk):
            if (known := self._id_of.get(word)) is not None:
                ids.append(known)
            elif word[0] == " ":
                ids += SPACE, self._id_of.get(word[1:], UNKNOWN)
            else:
                ids.append(UNKNOWN)
        return tuple(ids)

    @cached_property
    def _encoder(self) -> ChunkEncoder:
        return ChunkEncoder(_CHUNK, lambda chunks: [self._ids(chunk) for chunk in chunks])

    @cached_property
    def _id_of(self) -> dict[str, int]:
        return {" ": SPACE, **{word: SPACE + 1 + rank for rank, word in enumerate(self.words)}}


def _count(batches: Iterable[Sequence[str]]) -> Counter[str]:
    """How often each word stands in the texts. Where memory runs out, words met once so far are forgotten."""
    words: Counter[str] = Counter()
    for texts in batches:
        chunks: Counter[str] = Counter()
        for text in without_surrogates(texts):
            chunks.update(_CHUNK.findall(text))
        for chunk, times in chunks.items():
            for word in segments(chunk):
                if len(word) <= MAX_LENGTH:
                    words[word] += times
        if len(words) > MAX_COUNTED:
            words = Counter({word: times for word, times in words.items() if times > 1})
    return words
