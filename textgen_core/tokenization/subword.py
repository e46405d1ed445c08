"""Pieces of words by Hugging Face ``tokenizers``: BPE or unigram, over bytes, so that both spell all of Unicode.

The library's own JSON is nested in ours. Its ids are ours less SPECIALS; it has no special tokens, so that
``<|endoftext|>`` in a text is split like any other text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Literal

import numpy as np
from pydantic import model_validator

from textgen_core.tokenization.interface import SPECIALS, Flat
from textgen_core.tokenization.pieces import NOTHING, PieceTokenizer, without_surrogates
from textgen_core.tokenization.settings import SubwordSettings
from textgen_core.tokenization.subword_training import byte_alphabet, train


class SubwordTokenizer(PieceTokenizer):
    """Lossless; ids are those of the nested tokenizer, moved up by SPECIALS."""

    kind: Literal["subword"] = "subword"
    algorithm: Literal["bpe", "unigram"]
    tokenizer: dict[str, Any]
    """The JSON of ``tokenizers.Tokenizer``."""

    @model_validator(mode="after")
    def _usable(self) -> SubwordTokenizer:
        try:
            backend = self._backend
            pieces = self.pieces
        except Exception as error:
            raise ValueError(f"the nested tokenizer can't be loaded: {error}") from None
        if backend.get_added_tokens_decoder() or not {bytes([value]) for value in range(256)} <= set(pieces):
            raise ValueError("the nested tokenizer must hold all 256 bytes and no special tokens")
        return self

    @classmethod
    def fit(cls, settings: SubwordSettings, batches: Iterable[Sequence[str]]) -> SubwordTokenizer:
        """Learn the pieces."""
        document = train(settings, (without_surrogates(texts) for texts in batches))
        return cls(algorithm=settings.algorithm, tokenizer=document)

    @cached_property
    def pieces(self) -> Sequence[bytes]:
        """See Tokenizer."""
        byte_of = {character: byte for byte, character in enumerate(byte_alphabet())}
        tokens = sorted(self._backend.get_vocab().items(), key=lambda entry: entry[1])
        if [id for _, id in tokens] != list(range(len(tokens))):
            raise ValueError("ids must be 0, 1, 2 ...")
        return (*NOTHING, *(bytes(byte_of[character] for character in token) for token, _ in tokens))

    def encode_flat(self, texts: Sequence[str]) -> Flat:
        """See Tokenizer."""
        rows = [encoding.ids for encoding in self._backend.encode_batch_fast(without_surrogates(texts))]
        lengths = np.fromiter(map(len, rows), np.int64, len(rows))
        ids = np.concatenate([np.zeros(0, np.int32), *(np.array(row, np.int32) for row in rows)])
        return Flat(ids + np.int32(SPECIALS), lengths)

    @cached_property
    def _backend(self) -> Any:
        from tokenizers import Tokenizer

        return Tokenizer.from_str(json.dumps(self.tokenizer))
