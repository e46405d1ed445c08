"""Figures of a text from stretch to stretch: how surprising each is to a model, and how much of it was said before."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from textgen_core.evaluation.blocks import TokenPair
from textgen_core.evaluation.held_out_pairs import pair_logprobs
from textgen_core.evaluation.reading import Reader
from textgen_core.evaluation.repetition import repeated
from textgen_core.evaluation.samples import words
from textgen_core.evaluation.scoring import token_logprobs
from textgen_core.tokenization.interface import Tokenizer
from textgen_core.tokenization.spelling import text_bits

SLACK = 24
"""Characters that a border may move on, to the next white space; half of a short stretch."""
ORDER = 4
"""Words of what counts as said before, as in repeated_4."""


class Stretch(NamedTuple):
    """A stretch of a text, the same for whoever reads it."""

    text: str
    words: int
    repeated: int
    """Words that stand in a run of four which the text has already had."""


def stretches(text: str, count: int, size: int) -> list[Stretch]:
    """A text in at most count stretches of about size characters; less is left out at the end than half of one.

    A word is not cut in two where there is white space near, so that the pieces have the tokens of the whole text.
    """
    borders = [0]
    while len(borders) <= count and len(text) - borders[-1] >= size / 2:
        borders.append(_border(text, len(borders) * size, min(SLACK, size // 2)))
    pieces = [text[start:stop] for start, stop in pairwise(borders)]
    spoken = [words(piece) for piece in pieces]
    flags = repeated([word for own in spoken for word in own], ORDER)
    ends = [0, *accumulate(map(len, spoken))]
    counts = [sum(flags[start:stop]) for start, stop in pairwise(ends)]
    return [Stretch(*each) for each in zip(pieces, map(len, spoken), counts, strict=True)]


def _border(text: str, place: int, slack: int) -> int:
    spaces = (spot for spot in range(place, place + slack) if text[spot : spot + 1].isspace())
    return next(spaces, min(place, len(text)))


def bits_of(
    reader: Reader,
    tokenizer: Tokenizer,
    prompts: Sequence[str],
    texts: Sequence[Sequence[Stretch]],
    pairs: bool = False,
    reads_source: bool = False,
) -> list[list[float]]:
    """Bits that each stretch costs a model which has read the prompt and all stretches before; unknowns are spelt.

    Args:
        pairs: whether it learned from pairs, of which the prompt is the source.
        reads_source: whether it is an encoder-decoder.
    """
    flat = [piece for prompt, text in zip(prompts, texts, strict=True) for piece in (prompt, *_pieces(text))]
    encoded, spelling = iter(tokenizer.encode(flat)), iter(tokenizer.spelling_bits(flat))
    parts = [[next(encoded) for _ in range(len(text) + 1)] for text in texts]
    costs = [[next(spelling) for _ in range(len(text) + 1)] for text in texts]
    written = [[id for part in own for id in part] for _, *own in parts]
    if pairs:
        both = zip(parts, written, strict=True)
        seen = [_in_sight(source, own, reader.max_context, reads_source) for (source, *_), own in both]
        logprobs = pair_logprobs(reader, seen)
    else:
        read = token_logprobs(reader, [[*prompt, *own] for (prompt, *_), own in zip(parts, written, strict=True)])
        logprobs = [found[len(prompt) :] for found, (prompt, *_) in zip(read, parts, strict=True)]
    return [
        [
            float(text_bits(-math.fsum(found[start:stop].astype(np.float64)), extra))
            for (start, stop), extra in zip(pairwise(accumulate(map(len, own), initial=0)), spelt, strict=True)
        ]
        for found, (_, *own), (_, *spelt) in zip(logprobs, parts, costs, strict=True)
    ]


def _in_sight(source: Sequence[int], text: Sequence[int], limit: int | None, reads_source: bool) -> TokenPair:
    """A pair whose source is cut so that a model sees it to the text's end, where it can.

    As generation cuts it: an encoder-decoder keeps its beginning, others its end.
    """
    if limit is not None and 0 <= (room := limit - len(text) - 2) < len(source):  # END begins, and SEPARATOR parts
        source = source[:room] if reads_source else source[len(source) - room :]
    return TokenPair(list(source), list(text))


def _pieces(text: Sequence[Stretch]) -> list[str]:
    return [stretch.text for stretch in text]
