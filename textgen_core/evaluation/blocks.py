"""A few long held-out documents as many blocks, so that their figures have intervals too (Carlstein 1986).

A book held out as one document can't be resampled by documents. Neighbouring tokens resemble each other, so tokens
can't be resampled either: blocks can, if they are longer than that resemblance reaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from textgen_core.evaluation.bootstrap import MAX_UNITS, Floats, Ints
from textgen_core.evaluation.scoring import Logprobs
from textgen_core.tokenization.interface import Tokenizer

FEWEST_DOCUMENTS = 30
"""From so many on documents themselves are resampled: they are independent, blocks only nearly."""
FEWEST_BLOCKS = 50
SHORTEST, LONGEST = 16, 256
"""Tokens in a block. 256 are a paragraph or two: a model's surprise at a rare topic has passed by then. Short texts are
cut shorter, for FEWEST_BLOCKS; very long ones longer, for MAX_UNITS."""


class TokenPair(NamedTuple):
    """A source and a target in token ids, without what parts and closes them."""

    source: list[int]
    target: list[int]


class Document(NamedTuple):
    """A held-out document, or the targets in it."""

    token_ids: list[int]
    n_chars: int
    n_words: int
    spelling_bits: float
    pairs: tuple[TokenPair, ...] = ()
    """Those whose targets, END between them, the tokens are. None: they are the document's own."""


class Counts(NamedTuple):
    """What figures are made of, of each of u documents, or of blocks of them."""

    unit: Ints
    """[u] which are resampled together."""
    nats: Floats
    """[u] minus the log-probability of their tokens."""
    spelling: Floats
    """[u] bits to spell their unknowns."""
    tokens: Floats
    words: Floats
    chars: Floats
    name: str
    """What they are, for signatures."""


def by_document(documents: Sequence[Document], logprobs: Sequence[Logprobs], unit: Ints) -> Counts:
    """Documents as they are, resampled by unit [documents]."""
    return Counts(
        unit,
        np.array([-found.sum(dtype=np.float64) for found in logprobs]),
        np.array([document.spelling_bits for document in documents]),
        np.array([len(found) for found in logprobs], np.float64),
        np.array([document.n_words for document in documents], np.float64),
        np.array([document.n_chars for document in documents], np.float64),
        "document",
    )


def by_block(documents: Sequence[Document], logprobs: Sequence[Logprobs], tokenizer: Tokenizer) -> Counts:
    """Blocks of tokens. A document's own counts are shared out by what its blocks decode to."""
    total = sum(map(len, logprobs))
    size = max(SHORTEST, min(LONGEST, total // FEWEST_BLOCKS), -(-total // MAX_UNITS))
    parts = [_cut(*pair, size, tokenizer) for pair in zip(documents, logprobs, strict=True)]
    nats, spelling, tokens, words, chars = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Counts(np.arange(len(nats)), nats, spelling, tokens, words, chars, f"block-of-{size}-tokens")


def _cut(document: Document, logprobs: Logprobs, size: int, tokenizer: Tokenizer) -> list[Floats]:
    ends = np.linspace(0, len(logprobs), max(1, round(len(logprobs) / size)) + 1).round().astype(int)
    blocks = [document.token_ids[start:stop] for start, stop in pairwise(ends.tolist())]
    texts = [tokenizer.decode(ids) for ids in blocks]
    unknown = [0 if tokenizer.unknown_id is None else ids.count(tokenizer.unknown_id) for ids in blocks]
    return [
        -np.add.reduceat(logprobs.astype(np.float64), ends[:-1]),
        _shared_out(document.spelling_bits, unknown),
        np.diff(ends).astype(np.float64),
        _shared_out(document.n_words, [len(text.split()) for text in texts]),
        _shared_out(document.n_chars, [len(text) for text in texts]),
    ]


def _shared_out(whole: float, shares: Sequence[int]) -> Floats:
    """The whole in these proportions; evenly where there are none."""
    weights = np.array(shares, np.float64)
    if not weights.any():
        weights += 1
    parts: Floats = whole * weights / weights.sum()
    return parts
