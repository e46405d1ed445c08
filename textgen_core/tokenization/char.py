"""One token a character, and bytes (or one unknown token) for characters that training text lacks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import field_validator

from textgen_core.tokenization.interface import SPECIALS, Flat
from textgen_core.tokenization.pieces import BYTES, NOTHING, REPLACEMENT, PieceTokenizer, without_surrogates
from textgen_core.tokenization.settings import CharSettings
from textgen_core.tokenization.spelling import Spelling

CODE_POINTS = 0x110000


class CharTokenizer(PieceTokenizer):
    """Ids: PAD, END, then 256 bytes or one unknown, then the characters by code point."""

    kind: Literal["char"] = "char"
    characters: str
    """The characters that have a token, by code point."""
    fallback: Literal["bytes", "unknown"] = "bytes"
    """What all others become."""
    spelling: Spelling = Spelling()
    """Prices unknown characters; empty where there are none."""

    @field_validator("characters")
    @classmethod
    def _ordered(cls, characters: str) -> str:
        if list(characters) != sorted(set(characters)):
            raise ValueError("characters must be distinct and sorted by code point")
        characters.encode()  # a surrogate is refused here
        return characters

    @classmethod
    def fit(cls, settings: CharSettings, batches: Iterable[Sequence[str]]) -> CharTokenizer:
        """Count characters; keep the most frequent, ties by code point."""
        counts = np.zeros(CODE_POINTS, np.int64)
        for texts in batches:
            counts += np.bincount(_code_points(without_surrogates(texts)), minlength=CODE_POINTS)
        order = np.argsort(-counts, kind="stable")
        kept = [int(point) for point in order[: settings.max_characters] if counts[point] >= settings.min_count]
        characters = "".join(map(chr, sorted(kept)))
        if settings.fallback == "bytes":
            return cls(characters=characters)
        unknown = {chr(point): int(counts[point]) for point in np.flatnonzero(counts) if chr(point) not in characters}
        seen = {character: int(counts[ord(character)]) for character in characters}
        return cls(characters=characters, fallback="unknown", spelling=Spelling.fit(unknown or seen))

    @cached_property
    def pieces(self) -> Sequence[bytes]:
        """See Tokenizer."""
        others = BYTES if self.fallback == "bytes" else (REPLACEMENT.encode(),)
        return (*NOTHING, *others, *(character.encode() for character in self.characters))

    @property
    def unknown_id(self) -> int | None:
        """See Tokenizer."""
        return SPECIALS if self.fallback == "unknown" else None

    def encode_flat(self, texts: Sequence[str]) -> Flat:
        """See Tokenizer."""
        texts = without_surrogates(texts)
        points = _code_points(texts)
        ids = self._id_of[points]
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        unknown = np.flatnonzero(ids < 0)
        if not unknown.size:
            return Flat(ids, lengths)
        if self.fallback == "unknown":
            ids[unknown] = SPECIALS
            return Flat(ids, lengths)
        return _spelt_in_bytes(ids, lengths, points, unknown)

    def spelling_bits(self, texts: Sequence[str]) -> list[float]:
        """See Tokenizer."""
        if self.fallback == "bytes":
            return super().spelling_bits(texts)
        known = set(self.characters)
        return [
            sum(self.spelling.bits(character) for character in text if character not in known)
            for text in without_surrogates(texts)
        ]

    @cached_property
    def _id_of(self) -> npt.NDArray[np.int32]:
        """[CODE_POINTS] the id of each character; -1 where it has none."""
        table = np.full(CODE_POINTS, -1, np.int32)
        first = len(self.pieces) - len(self.characters)
        table[_code_points([self.characters])] = np.arange(first, len(self.pieces))
        return table


def _code_points(texts: Sequence[str]) -> npt.NDArray[np.uint32]:
    return np.frombuffer("".join(texts).encode("utf-32-le"), np.dtype("<u4"))


def _spelt_in_bytes(
    ids: npt.NDArray[np.int32],
    lengths: npt.NDArray[np.int64],
    points: npt.NDArray[np.uint32],
    unknown: npt.NDArray[np.intp],
) -> Flat:
    """Put the bytes of the characters at unknown in their places."""
    spelt = [chr(point).encode() for point in points[unknown].tolist()]
    widths = np.ones(len(ids), np.int64)
    widths[unknown] = [len(character) for character in spelt]
    expanded = np.repeat(ids, widths)
    expanded[np.repeat(ids < 0, widths)] = np.frombuffer(b"".join(spelt), np.uint8) + np.int32(SPECIALS)
    ends = np.concatenate([[0], widths.cumsum()])[np.concatenate([[0], lengths.cumsum()])]
    return Flat(expanded, np.diff(ends))
