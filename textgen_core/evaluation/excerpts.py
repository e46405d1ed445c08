"""The training text that generations are looked up in: all of it, or an even share of its pieces."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from textgen_core.errors import SettingsError
from textgen_core.evaluation.copied_spans import BYTES_A_CHARACTER
from textgen_core.memory import available_bytes
from textgen_core.tokenization.corpus import Corpus

PIECE = 20_000
"""Characters of a piece, the unit in which long documents are drawn: far longer than any span worth finding."""


class Excerpts(NamedTuple):
    """Training text."""

    doc_ids: list[str]
    texts: list[str]
    """Documents, or pieces of them, each with its document's id."""
    indexed: int
    """Characters in them."""
    total: int
    """Characters in the train split."""


def training_excerpts(corpus: Corpus, limit: int, advance: Callable[[int], None]) -> Excerpts:
    """The train split; above limit characters about that many of it, in pieces drawn by a hash of document and place.

    Raises:
        SettingsError: searching so much text takes more memory than there is.
    """
    total = corpus.characters("train")
    check_memory(min(limit, total))
    share = min(1.0, limit / max(total, 1))
    doc_ids: list[str] = []
    texts: list[str] = []
    for rows, ids, batch in corpus.drawn("train"):
        for doc_id, text in zip(ids, batch, strict=True):
            for piece in [text] if share == 1 else _drawn(doc_id, text, share):
                doc_ids.append(doc_id)
                texts.append(piece)
        advance(rows)
    return Excerpts(doc_ids, texts, sum(map(len, texts)), total)


def check_memory(characters: int) -> None:
    """See training_excerpts."""
    needed, free = characters * BYTES_A_CHARACTER, available_bytes()
    if free is not None and needed > free:
        raise SettingsError(
            "the index of training text must fit into memory",
            f"{characters:,} characters, which take {needed / 1e9:.1f} GB where {free / 1e9:.1f} GB are free",
            f"Set copied_span_characters to {int(0.8 * free / BYTES_A_CHARACTER):,} at most, or copied_span to false",
        )


def _drawn(doc_id: str, text: str, share: float) -> Iterator[str]:
    for start in range(0, len(text), PIECE):
        if zlib.crc32(f"{doc_id} {start}".encode()) < share * 2**32:
            yield text[start : start + PIECE]
