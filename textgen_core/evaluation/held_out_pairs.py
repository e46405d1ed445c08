"""What the model says of the targets of held-out pairs: each after its source, which is not counted, and nothing else.

So an encoder-decoder and a model that read the same pairs as one stream are asked the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from textgen_core.evaluation.blocks import Document, TokenPair
from textgen_core.evaluation.reading import Reader
from textgen_core.evaluation.scoring import Logprobs, token_logprobs
from textgen_core.evaluation.windows import sliding
from textgen_core.progress import Advance
from textgen_core.tokenization.interface import END, SEPARATOR, Tokenizer
from textgen_core.tokenization.pairs import Pair, sides_of

LONGEST = 2048
"""Tokens of a pair that an encoder-decoder without a limit reads in one go: attention looks from each to each."""


class Part(NamedTuple):
    """A part of a pair that is read in one go: the source, and of the target so many tokens from the first on.

    Predictions of the target's tokens (the END the last of them) from counted on to before stop are counted.
    """

    pair: int
    tokens: list[int]
    begins: int
    counted: int
    stop: int


def parted(token_ids: Sequence[int]) -> list[TokenPair]:
    """The pairs in a sequence: source SEPARATOR target END source SEPARATOR target .."""
    borders = [-1, *(place for place, id in enumerate(token_ids) if id == END), len(token_ids)]
    pairs = []
    for before, after in pairwise(borders):
        if SEPARATOR in (ids := list(token_ids[before + 1 : after])):
            middle = ids.index(SEPARATOR)
            pairs.append(TokenPair(ids[:middle], ids[middle + 1 :]))
    return pairs


def of_targets(token_ids: Sequence[int], texts: Sequence[Pair], tokenizer: Tokenizer) -> Document:
    """A document of which only the targets of its pairs are counted, each closed by END."""
    return _of(parted(token_ids), texts, tokenizer)


def encoded_targets(texts: Sequence[Pair], tokenizer: Tokenizer) -> Document:
    """The same of pairs that are no tokens yet."""
    sides = iter(tokenizer.encode(sides_of([texts])))
    return _of(
        [TokenPair(list(source), list(target)) for source, target in zip(sides, sides, strict=True)], texts, tokenizer
    )


def _of(pairs: Sequence[TokenPair], texts: Sequence[Pair], tokenizer: Tokenizer) -> Document:
    targets = [pair.target for pair in texts]
    joined = [id for pair in pairs for id in (*pair.target, END)]
    words = sum(len(target.split()) for target in targets)
    spelling = sum(tokenizer.spelling_bits(targets))
    return Document(joined[:-1], sum(map(len, targets)), words, spelling, tuple(pairs))


def target_logprobs(
    reader: Reader, documents: Sequence[Document], advance: Advance = lambda tokens: None
) -> list[Logprobs]:
    """[n_tokens + 1] of each document of targets: natural log-probabilities of their tokens and of the END of each."""
    found = iter(pair_logprobs(reader, [pair for document in documents for pair in document.pairs], advance))
    return [np.concatenate([next(found) for _ in document.pairs]) for document in documents]


def tokens_of_pairs(reader: Reader, documents: Sequence[Document]) -> int:
    """Tokens that ``target_logprobs`` tells of: the source of a pair that is read in parts comes again with each."""
    pairs = [pair for document in documents for pair in document.pairs]
    return sum(len(part.tokens) + 1 for pair in pairs for part in _parts(0, pair, reader))


def pair_logprobs(reader: Reader, pairs: Sequence[TokenPair], advance: Advance = lambda tokens: None) -> list[Logprobs]:
    """[target + 1] of each pair: natural log-probabilities of its target's tokens and of the END."""
    parts = [part for number, pair in enumerate(pairs) for part in _parts(number, pair, reader)]
    read = token_logprobs(reader, [part.tokens for part in parts], advance=advance)
    found = [np.empty(len(pair.target) + 1, np.float32) for pair in pairs]
    for part, logprobs in zip(parts, read, strict=True):
        first = part.begins + part.counted
        found[part.pair][part.counted : part.stop] = logprobs[first : part.begins + part.stop]
    return found


def _parts(number: int, pair: TokenPair, reader: Reader) -> list[Part]:
    """The pair whole, where the model's context holds it, or where it carries its state.

    Else the end of the source is left out, so that at least half of the context is left, and the target is read as any
    long text is: in windows, each of which begins as a target does, and half of which is seen again.
    """
    source, size = pair.source, len(pair.target) + 1
    limit = reader.max_context or (None if reader.carries_state else LONGEST)
    if limit is not None and len(source) + size + 1 > limit:
        source = source[: max(0, limit // 2 - 2)]
        size = max(1, limit - len(source) - 2)
    parts = []
    for start, stop, counted in sliding(len(pair.target) + 1, size, max(1, size // 2)):
        tokens = [*source, SEPARATOR, *pair.target[start:stop]]
        parts.append(Part(number, tokens, len(source) + 1 - start, counted, stop))
    return parts
