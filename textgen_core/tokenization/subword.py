"""Pieces of words by Hugging Face ``tokenizers``: BPE or unigram, over bytes, so that both spell all of Unicode.

The library's own JSON is nested in ours. Its ids are ours less SPECIALS; it has no special tokens, so that
``<|endoftext|>`` in a text is split like any other text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

from pydantic import model_validator

from textgen_core.tokenization.chunks import ChunkEncoder
from textgen_core.tokenization.interface import SPECIALS, Flat
from textgen_core.tokenization.pieces import BYTES, NOTHING, PieceTokenizer, without_surrogates
from textgen_core.tokenization.settings import SubwordSettings
from textgen_core.tokenization.subword_training import byte_alphabet, is_ours, nested, train

_SPACE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_CHUNK = re.compile(f"[{_SPACE}]*[^{_SPACE}]+|[{_SPACE}]+")
"""GPT-2's pattern, by which the library splits first, always splits where white space begins; so does this one. Its
white space is Unicode's, which is not all that Python's is."""


class SubwordTokenizer(PieceTokenizer):
    """Lossless; ids are those of the nested tokenizer, moved up by SPECIALS."""

    kind: Literal["subword"] = "subword"
    algorithm: Literal["bpe", "unigram"]
    tokenizer: dict[str, Any]
    """The JSON of ``tokenizers.Tokenizer``."""

    @model_validator(mode="after")
    def _usable(self) -> SubwordTokenizer:
        if not is_ours(self.algorithm, self.tokenizer):
            raise ValueError("the nested tokenizer must be as this version trains it")
        try:
            spelt = set(self.pieces)
        except Exception as error:
            raise ValueError(f"the nested tokenizer can't be loaded: {error}") from None
        if not spelt.issuperset(BYTES):
            raise ValueError("the nested tokenizer must hold all 256 bytes")
        return self

    @classmethod
    def fit(cls, settings: SubwordSettings, batches: Iterable[Sequence[str]]) -> SubwordTokenizer:
        """Learn the pieces."""
        document = train(settings, (without_surrogates(texts) for texts in batches))
        return cls(algorithm=settings.algorithm, tokenizer=document)

    @classmethod
    def from_bpe(cls, vocab: Mapping[str, int], merges: Sequence[Sequence[str]]) -> SubwordTokenizer:
        """Pieces that were learned elsewhere, spelt in the byte alphabet: their ids 0, 1, 2 .. and the pairs merged.

        Raises:
            ValueError: they are no byte-level BPE.
        """
        return cls(algorithm="bpe", tokenizer=nested("bpe", {"vocab": dict(vocab), "merges": [*map(list, merges)]}))

    @property
    def vocab(self) -> dict[str, int]:
        """The id in the nested tokenizer of each piece, which is spelt in the byte alphabet."""
        known: dict[str, int] = self._backend.get_vocab()
        return dict(sorted(known.items(), key=lambda entry: entry[1]))

    @cached_property
    def pieces(self) -> Sequence[bytes]:
        """See Tokenizer."""
        byte_of = {character: byte for byte, character in enumerate(byte_alphabet())}
        vocab = self.vocab
        if [*vocab.values()] != list(range(len(vocab))):
            raise ValueError("ids must be 0, 1, 2 ...")
        return (*NOTHING, *(bytes(byte_of[character] for character in token) for token in vocab))

    def encode_flat(self, texts: Sequence[str]) -> Flat:
        """See Tokenizer."""
        return self._encoder(without_surrogates(texts))

    @cached_property
    def _encoder(self) -> ChunkEncoder:
        return ChunkEncoder(_CHUNK, self._ids)

    def _ids(self, chunks: list[str]) -> list[tuple[int, ...]]:
        encodings = self._backend.encode_batch_fast(chunks)
        return [tuple(id + SPECIALS for id in encoding.ids) for encoding in encodings]

    @cached_property
    def _backend(self) -> Any:
        from tokenizers import Tokenizer

        return Tokenizer.from_str(json.dumps(self.tokenizer))
