"""Drawing prompts from documents. Which ones depends on the documents and the seed alone, not on their order."""

from __future__ import annotations

import hashlib
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from textgen_core.datasets.columns import extended
from textgen_core.datasets.parts import parts_of, read_batches, read_part
from textgen_core.datasets.schemas import SEEDS
from textgen_core.errors import InputError
from textgen_core.seeding.bottom_k import BottomK, Place
from textgen_core.seeding.settings import SeedingSettings
from textgen_core.tokenization.pairs import WORD, opening, sentence_pairs

SPACE = re.compile(r"\s")
LONGEST_WORD = 40
"""Characters without a space in which a span may begin anywhere: so written are scripts that do without."""

ATTEMPTS = 4
"""Spans considered for each one drawn: some fall on the end of a document and have nothing left to continue."""


class Candidate(NamedTuple):
    """A prompt that may be taken from a document, and the document's value of ``by``."""

    value: Any
    doc_id: str
    prompt: str


def draw_seeds(settings: SeedingSettings) -> pa.Table:
    """Draw a seed table with columns seed_id, prompt, doc_id and, where asked for, the ``by`` column.

    Each candidate place has a pseudo-random rank, a hash of (seed, document, prompt); the lowest ranks are drawn. A
    prompt found at several places of one value of ``by`` is drawn once at most, from where its rank is lowest.

    Raises:
        InputError: the split is empty, or ``by`` or ``column`` is no column of single values.
    """
    chosen: dict[Any, BottomK] = defaultdict(lambda: BottomK(settings.count))
    for value, doc_id, prompt in _candidates(settings):
        chosen[value].offer(prompt, Place(_number(settings.seed, doc_id, prompt), doc_id))
    if not chosen:
        raise InputError(
            f"the {settings.split} split must have documents long enough to draw prompts from",
            str(settings.corpus),
            "Give it a larger share when ingesting, or ask for fewer words",
        )
    values = sorted(chosen, key=lambda value: (value is None, str(value)))  # None is not the text "None"
    drawn = [Candidate(value, place.doc_id, prompt) for value in values for prompt, place in chosen[value].lowest()]
    return _table(drawn, settings)


def _table(drawn: Sequence[Candidate], settings: SeedingSettings) -> pa.Table:
    ids = [f"seed-{number:05}" for number in range(len(drawn))]
    prompts = [candidate.prompt for candidate in drawn]
    documents = [candidate.doc_id for candidate in drawn]
    own = pa.table({} if settings.by is None else {settings.by: [candidate.value for candidate in drawn]})
    return pa.table([ids, prompts, documents, *own.columns], schema=extended(SEEDS, own.schema, "the documents"))


def _candidates(settings: SeedingSettings) -> Iterator[Candidate]:
    for row in _documents(settings):
        value = None if settings.by is None else _group(row[settings.by])
        for prompt in PROMPTS[settings.how](settings, row):
            yield Candidate(value, row["doc_id"], prompt)


def _group(value: Any) -> Any:
    """A value as the key of its group: NaN, which equals nothing, is one, and so are both zeros."""
    if isinstance(value, float):
        return math.nan if math.isnan(value) else value + 0.0
    return value


def _documents(settings: SeedingSettings) -> Iterator[dict[str, Any]]:
    directory = settings.corpus / "documents"
    own = {name: getattr(settings, name) for name in ("by", "column") if getattr(settings, name)}
    known = next(read_part(parts_of(directory)[0]), pa.RecordBatch.from_pylist([])).schema
    for name, column in own.items():
        if column not in known.names:
            found = f"The documents have {', '.join(known.names)}"
            raise InputError(f"`{name}` must name a kept column", column, found)
        if pa.types.is_nested(kind := known.field(column).type):
            rule, remedy = (
                f"`{name}` must name a column of single values",
                "Name another, or ingest one with such values",
            )
            raise InputError(rule, f"{column}, of {kind}", remedy)
    for batch in read_batches(directory, list(dict.fromkeys(["doc_id", "text", "split", *own.values()]))):
        yield from (row for row in batch.to_pylist() if row["split"] == settings.split)


def _openings(settings: SeedingSettings, row: dict[str, Any]) -> Iterator[str]:
    yield from _prompt(row["text"], 0, settings.words)


def _spans(settings: SeedingSettings, row: dict[str, Any]) -> Iterator[str]:
    for start in _starts(settings, row["doc_id"], row["text"]):
        yield from _prompt(row["text"], start, settings.words)


def _sentences(settings: SeedingSettings, row: dict[str, Any]) -> Iterator[str]:
    """Those that a model of such pairs was trained to go on from."""
    yield from (pair.source for pair in sentence_pairs(row["text"]))


def _column(settings: SeedingSettings, row: dict[str, Any]) -> Iterator[str]:
    if (value := row[str(settings.column)]) is not None and str(value).strip():
        yield str(value).strip()


PROMPTS: dict[str, Callable[[SeedingSettings, dict[str, Any]], Iterator[str]]] = {
    "openings": _openings,
    "spans": _spans,
    "sentences": _sentences,
    "column": _column,
}
"""What may be drawn of a document, by how."""


def _starts(settings: SeedingSettings, doc_id: str, text: str) -> Iterator[int]:
    """Places spread over a document; longer ones have more of them."""
    places = min(ATTEMPTS * settings.count, 1 + len(text) // (12 * settings.words))
    for place in range(places):
        start = _number(settings.seed, doc_id, str(place)) % max(1, len(text))
        space = SPACE.search(text, start, start + LONGEST_WORD) if start else None
        if word := WORD.search(text, start if space is None else space.end()):
            yield word.start()


def _prompt(text: str, start: int, words: int) -> Iterator[str]:
    """The text's next words from start, as they stand; nothing unless the document goes on after them."""
    if (end := opening(text, words, start)) > start:
        yield text[start:end]


def _number(*parts: object) -> int:
    """A pseudo-random 64-bit number that depends on the parts alone."""
    key = "\0".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big")
