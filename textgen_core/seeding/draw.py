"""Drawing prompts from documents. Which ones depends on the documents and the seed alone, not on their order."""

from __future__ import annotations

import hashlib
import heapq
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from textgen_core.datasets.columns import extended
from textgen_core.datasets.parts import parts_of, read_batches, read_part
from textgen_core.datasets.schemas import SEEDS
from textgen_core.errors import InputError
from textgen_core.seeding.settings import SeedingSettings
from textgen_core.tokenization.pairs import WORD, opening

ATTEMPTS = 4
"""Spans considered for each one drawn: some fall on the end of a document and have nothing left to continue."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place in a document from which a prompt may be taken."""

    doc_id: str
    value: Any
    prompt: str


def draw_seeds(settings: SeedingSettings) -> pa.Table:
    """Draw a seed table with columns seed_id, prompt, doc_id and, where asked for, the ``by`` column.

    Each candidate place has a pseudo-random rank, a hash of (seed, document, place); the lowest ranks are drawn.

    Raises:
        InputError: the split is empty or there is no ``by`` column.
    """
    chosen: dict[Any, list[tuple[int, int, Candidate]]] = defaultdict(list)
    for number, candidate in enumerate(_candidates(settings)):
        rank = _number(settings.seed, candidate.doc_id, candidate.prompt)
        lowest = chosen[candidate.value]
        entry = (-rank, number, candidate)
        if len(lowest) < settings.count:
            heapq.heappush(lowest, entry)
        else:
            heapq.heappushpop(lowest, entry)
    if not chosen:
        raise InputError(
            f"the {settings.split} split must have documents long enough to draw prompts from",
            str(settings.corpus),
            "Give it a larger share when ingesting, or ask for fewer words",
        )
    drawn = [candidate for value in sorted(chosen, key=str) for _, _, candidate in sorted(chosen[value], reverse=True)]
    return _table(drawn, settings)


def _table(drawn: list[Candidate], settings: SeedingSettings) -> pa.Table:
    ids = [f"seed-{number:05}" for number in range(len(drawn))]
    prompts = [candidate.prompt for candidate in drawn]
    documents = [candidate.doc_id for candidate in drawn]
    own = pa.table({} if settings.by is None else {settings.by: [candidate.value for candidate in drawn]})
    return pa.table([ids, prompts, documents, *own.columns], schema=extended(SEEDS, own.schema, "the documents"))


def _candidates(settings: SeedingSettings) -> Iterator[Candidate]:
    seen = set()
    for doc_id, text, value in _documents(settings):
        for start in _starts(settings, doc_id, text):
            prompt = _prompt(text, start, settings.words)
            if prompt is not None and prompt not in seen:
                seen.add(prompt)
                yield Candidate(doc_id, value, prompt)


def _documents(settings: SeedingSettings) -> Iterator[tuple[str, str, Any]]:
    directory = settings.corpus / "documents"
    columns = ["doc_id", "text", "split", *([settings.by] if settings.by else [])]
    known = next(read_part(parts_of(directory)[0]), pa.RecordBatch.from_pylist([])).schema.names
    if settings.by and settings.by not in known:
        raise InputError("`by` must name a kept column", settings.by, f"The documents have {', '.join(known)}")
    for batch in read_batches(directory, columns):
        rows = batch.to_pydict()
        values = rows[settings.by] if settings.by else [None] * batch.num_rows
        for doc_id, text, split, value in zip(rows["doc_id"], rows["text"], rows["split"], values, strict=True):
            if split == settings.split:
                yield doc_id, text, value


def _starts(settings: SeedingSettings, doc_id: str, text: str) -> Iterator[int]:
    """Where in a document to look: its head, or places spread over it, longer documents having more of them."""
    if settings.how == "openings":
        yield 0
        return
    places = min(ATTEMPTS * settings.count, 1 + len(text) // (12 * settings.words))
    for place in range(places):
        start = _number(settings.seed, doc_id, str(place)) % max(1, len(text))
        word = WORD.search(text, text.find(" ", start) + 1 if start else 0)
        if word:
            yield word.start()


def _prompt(text: str, start: int, words: int) -> str | None:
    """The text's next words from start, as they stand; None unless the document goes on after them."""
    end = opening(text, words, start)
    return text[start:end] if end > start else None


def _number(*parts: object) -> int:
    """A pseudo-random 64-bit number that depends on the parts alone."""
    key = "\0".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big")
