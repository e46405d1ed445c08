"""Pairs: a source and the target that is to be written from it, made of documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import pyarrow as pa

from textgen_core.errors import InputError
from textgen_core.tokenization.sentences import is_cut, sentences
from textgen_core.tokenization.settings import ColumnPairs, OpeningPairs, PairSettings, SentencePairs

WORD = re.compile(r"\S+")


class Pair(NamedTuple):
    """Neither side is empty, nor begins or ends with white space: so a prompt that was typed reads as a source."""

    source: str
    target: str


def pairs_of(settings: PairSettings, batch: pa.RecordBatch) -> list[list[Pair]]:
    """The pairs of each document of a batch: none, one or several."""
    candidates = PAIRINGS[settings.kind](settings, batch)
    stripped = ([Pair(source.strip(), target.strip()) for source, target in found] for found in candidates)
    return [[pair for pair in found if pair.source and pair.target] for found in stripped]


def as_text(source: str) -> str:
    """A source as the beginning of a text, for a reader who knows of no pairs: there the target follows a space."""
    return f"{source} "


def sides_of(found: Iterable[Iterable[Pair]]) -> list[str]:
    """Both sides of the pairs of all documents: source, target, source, target .."""
    return [side for pairs in found for pair in pairs for side in pair]


def columns_of(settings: PairSettings) -> list[str]:
    """The columns of documents that pairs are made of."""
    if isinstance(settings, ColumnPairs):
        return [settings.source, settings.target or "text"]
    return ["text"]


def check_columns(settings: PairSettings, known: Iterable[str]) -> None:
    """Raise InputError unless the documents have the columns that pairs are made of."""
    known = list(known)
    if lacking := [name for name in columns_of(settings) if name not in known]:
        raise InputError(
            "pairs are made of columns that the documents have",
            f"{', '.join(lacking)}, where they have {', '.join(known)}",
            "Name one of these, or keep the column when ingesting (keep_columns)",
        )


def opening(text: str, words: int, start: int = 0) -> int:
    """Where the first words from start on end, as white space bounds them; start where there is none.

    Where nothing follows them half of what there is: of several words the first half, of one (or of a script without
    spaces) half of its characters.
    """
    ends = [word.end() for _, word in zip(range(words), WORD.finditer(text, start), strict=False)]
    if not ends:
        return start
    if text[ends[-1] :].strip():
        return ends[-1]
    return ends[len(ends) // 2 - 1] if len(ends) > 1 else start + (ends[0] - start) // 2


def sentence_pairs(text: str) -> list[Pair]:
    """Each sentence of a text and the next one."""
    stripped = (sentence.strip() for sentence in sentences(text))
    return [Pair(source, target) for source, target in pairwise(filter(None, stripped))]


def cut_share(texts: Iterable[str]) -> float:
    """Of the sentences of these texts, the share that a line's end alone ends."""
    found = [sentence for text in texts for sentence in sentences(text) if sentence.strip()]
    return sum(map(is_cut, found)) / max(1, len(found))


def _by_sentence(settings: SentencePairs, batch: pa.RecordBatch) -> Iterator[list[Pair]]:
    yield from map(sentence_pairs, batch["text"].to_pylist())


def _by_opening(settings: OpeningPairs, batch: pa.RecordBatch) -> Iterator[list[tuple[str, str]]]:
    for text in batch["text"].to_pylist():
        end = opening(text, settings.words)
        yield [(text[:end], text[end:])]


def _by_column(settings: ColumnPairs, batch: pa.RecordBatch) -> Iterator[list[tuple[str, str]]]:
    """Parts of a corpus may differ in their columns: where one is not, there is no pair."""
    nothing = [None] * batch.num_rows
    sides = [batch[name].to_pylist() if name in batch.schema.names else nothing for name in columns_of(settings)]
    for source, target in zip(*sides, strict=True):
        yield [] if source is None or target is None else [(str(source), str(target))]


PAIRINGS: dict[str, Callable[[Any, pa.RecordBatch], Iterable[Sequence[tuple[str, str]]]]] = {
    "sentences": _by_sentence,
    "opening": _by_opening,
    "column": _by_column,
}
"""By the kind of their settings: from documents the candidates of each, (source, target), white space and all."""
