"""What texts mean in a model's vocabulary: the tokens that spell one, contain one, or say one in a row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from textgen_core.errors import SettingsError
from textgen_core.tokenization.interface import PAD, SPECIALS, Tokenizer

if TYPE_CHECKING:
    from textgen_core.decoding.settings import SamplerSettings

BY_ID = re.compile(r"id:([0-9]{1,9})")
MOST_PHRASES, LONGEST_PHRASE = 256, 64
"""Token sequences banned in one row, and tokens of one: a row carries them all, and every step compares them."""

REMEMBERED = 256
"""Lists of texts whose meaning is kept: jobs have few, and rows of their own could bring millions."""

Phrases = tuple[tuple[int, ...], ...]


class Vocabulary:
    """Tokens by what they say.

    Args:
        size: tokens that the model knows; at least those of the tokenizer.
    """

    def __init__(self, tokenizer: Tokenizer, size: int) -> None:
        self.size = size
        self._tokenizer = tokenizer
        self.holding = lru_cache(REMEMBERED)(self._find_holding)
        self.phrases = lru_cache(REMEMBERED)(self._find_phrases)

    def ids(self, name: str) -> tuple[int, ...]:
        """The tokens that say exactly this text; or the one token whose number it is, as ``id:13``.

        Raises:
            SettingsError: there is none.
        """
        if named := BY_ID.fullmatch(name):
            found: tuple[int, ...] = tuple(id for id in [int(named[1])] if id < self.size)
        else:
            found = self._by_text.get(name.encode("utf-8", "replace"), ())
        if not found:
            raise SettingsError(
                "a token must be named by all of its text, or by its number as id:13",
                name,
                f"Numbers are below {self.size}; what several tokens say in a row can be in banned_phrases and stop",
            )
        return found

    @property
    def silent(self) -> tuple[int, ...]:
        """Tokens that stand for no text of their own, so that none should be generated: PAD, and that of unknowns."""
        unknown = self._tokenizer.unknown_id
        return (PAD,) if unknown is None else (PAD, unknown)

    def mask(self, names: Sequence[str]) -> np.ndarray[Any, Any]:
        """[size] bool: the tokens of these names."""
        mask = np.zeros(self.size, bool)
        mask[[id for name in names for id in self.ids(name)]] = True
        return mask

    def _find_holding(self, texts: Sequence[str]) -> np.ndarray[Any, Any]:
        """[size] bool: the tokens in which one of these texts occurs."""
        parts = [text.encode("utf-8", "replace") for text in texts]
        mask = np.zeros(self.size, bool)
        for id, piece in enumerate(self._tokenizer.pieces):
            mask[id] = any(part in piece for part in parts)
        return mask

    def _find_phrases(self, texts: Sequence[str]) -> Phrases:
        """The token sequences that say these texts, each as it stands and after a space, with which most tokenizers
        spell it otherwise. What the tokenizer can't spell is never said.

        Raises:
            SettingsError: they are too many, or one is too long.
        """
        return self._checked(dict.fromkeys(self._sequences(texts)))

    def check(self, sampler: SamplerSettings) -> None:
        """Whether all that a sampler names can be found.

        Raises:
            SettingsError: something can't.
        """
        self.mask((*sampler.logit_bias, *sampler.stop_tokens))
        if sampler.banned_phrases:
            self.phrases(sampler.banned_phrases)

    @cached_property
    def _by_text(self) -> dict[bytes, tuple[int, ...]]:
        found: dict[bytes, tuple[int, ...]] = {}
        for id, piece in enumerate(self._tokenizer.pieces[SPECIALS:], SPECIALS):
            found[piece] = (*found.get(piece, ()), id)
        return found

    def _sequences(self, texts: Sequence[str]) -> list[tuple[int, ...]]:
        named = [(id,) for text in texts if BY_ID.fullmatch(text) for id in self.ids(text)]
        spelt = [text for text in texts if not BY_ID.fullmatch(text)]
        spelt = [*spelt, *(" " + text for text in spelt if not text.startswith(" "))]
        sequences: list[tuple[int, ...]] = [
            (id,) for text in spelt for id in self._by_text.get(text.encode("utf-8", "replace"), ())
        ]
        sequences += [tuple(tokens) for tokens in self._tokenizer.encode(spelt)]
        return [*named, *(tokens for tokens in sequences if tokens and not {*tokens} & {*self.silent})]

    def _checked(self, found: dict[tuple[int, ...], None]) -> Phrases:
        if len(found) > MOST_PHRASES or any(len(tokens) > LONGEST_PHRASE for tokens in found):
            raise SettingsError(
                f"banned_phrases must be at most {MOST_PHRASES} sequences of at most {LONGEST_PHRASE} tokens",
                f"{len(found)} sequences of up to {max(map(len, found))} tokens",
                "Ban fewer, or only a part of each that tells it apart",
            )
        return tuple(found)
