"""What people wrote after prompts.

Where the seeds say which document they come from (as those of ``textgen seeds`` do), it is what follows there. Else as
many stretches as there are seeds are drawn from held-out documents, after prompts of as many words. Of pairs it is the
targets of those whose sources the prompts are; else held-out pairs are drawn.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from textgen_core.datasets.manifest import stage_directory
from textgen_core.datasets.parts import read_batches
from textgen_core.errors import InputError
from textgen_core.frontier.settings import ReferenceSettings
from textgen_core.generation.seeds import KNOBS, Seed, read_seeds
from textgen_core.generation.settings import GenerationOptions
from textgen_core.generation.survey import survey
from textgen_core.seeding.draw import draw_seeds
from textgen_core.seeding.settings import SeedingSettings, drawn_as
from textgen_core.tokenization.pairs import Pair, columns_of, pairs_of

MATCHED = 0.5
"""Share of the seeds that must be found in their documents; with fewer, human text is drawn anew."""


class Written(NamedTuple):
    """A prompt and what follows it in its document, or a source and its target."""

    seed_id: str
    prompt: str
    following: str
    doc_id: str
    start: int
    """Where in the document the continuation begins; of a target, in all targets of the document one after the
    other."""


def written(settings: ReferenceSettings) -> tuple[str, list[Written]]:
    """What people wrote, and after which prompts: ``own`` ones of the seed file, or ``drawn`` ones.

    Raises:
        InputError: the seed file holds no seeds, or columns that turn knobs; or there is no held-out text.
    """
    seeds = _seeds(settings)
    documents = {seed.key: str(seed.own.get("doc_id", "")) for seed in seeds}
    found = _following([(seed.key, documents[seed.key], seed.prompt) for seed in seeds], settings)
    if len(found) >= MATCHED * len(seeds):
        return "own", found
    drawn = draw_seeds(
        SeedingSettings(
            count=len(seeds),
            split=settings.held_out,
            seed=settings.seed,
            corpus=stage_directory(settings.corpus),
            output=settings.output,
            **_like(seeds, settings),
        )
    )
    columns = zip(*(drawn[name].to_pylist() for name in ("seed_id", "doc_id", "prompt")), strict=True)
    return "drawn", _following(list(columns), settings)


def _seeds(settings: ReferenceSettings) -> list[Seed]:
    options = GenerationOptions(prompt_column=settings.prompt_column, id_column=settings.id_column)
    found = survey(settings.seeds, options)
    if turned := [name for name in found.columns.names if name in KNOBS]:
        raise InputError(
            "seeds must leave all knobs to what compares samplers", f"columns {', '.join(turned)}", "Leave them out"
        )
    seeds = [seed for seed in read_seeds(settings.seeds, found, options) if isinstance(seed, Seed)]
    if not seeds:
        raise InputError("a seed file must hold seeds", str(settings.seeds), "`textgen seeds` draws some")
    return seeds


def _like(seeds: Sequence[Seed], settings: ReferenceSettings) -> dict[str, Any]:
    """How prompts are drawn that the seeds might have been."""
    if settings.pairs is not None:
        return drawn_as(settings.pairs)
    return {"how": "spans", "words": max(1, round(statistics.median(len(seed.prompt.split()) for seed in seeds)))}


def _following(prompts: Sequence[tuple[str, str, str]], settings: ReferenceSettings) -> list[Written]:
    """What follows the prompts (seed id, document, prompt) where they first stand; those found nowhere left out."""
    asked: dict[str, list[tuple[str, str]]] = {}
    for seed_id, doc_id, prompt in prompts:
        asked.setdefault(doc_id, []).append((seed_id, prompt))
    found: dict[str, Written] = {}
    for batch in _documents(settings, list(asked)):
        ids = batch["doc_id"].to_pylist()
        if settings.pairs is None:
            for doc_id, text in zip(ids, batch["text"].to_pylist(), strict=True):
                found |= _in_document(doc_id, text, asked[doc_id])
        else:
            for doc_id, pairs in zip(ids, pairs_of(settings.pairs, batch), strict=True):
                found |= _in_pairs(doc_id, pairs, asked[doc_id])
    return [found[seed_id] for seed_id, _, _ in prompts if seed_id in found]


def _documents(settings: ReferenceSettings, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Those of these ids, with all that text is taken from."""
    columns = ["text"] if settings.pairs is None else columns_of(settings.pairs)
    documents = stage_directory(settings.corpus) / "documents"
    for batch in read_batches(documents, list(dict.fromkeys(["doc_id", *columns])), batch_rows=1000):
        yield batch.filter(pc.is_in(batch["doc_id"], pa.array(wanted, pa.string())))


def _in_document(doc_id: str, text: str, asked: Sequence[tuple[str, str]]) -> Mapping[str, Written]:
    found = {}
    for seed_id, prompt in asked:
        start = text.find(prompt) + len(prompt)
        if prompt in text and text[start:].strip():
            found[seed_id] = Written(seed_id, prompt, text[start:], doc_id, start)
    return found


def _in_pairs(doc_id: str, pairs: Sequence[Pair], asked: Sequence[tuple[str, str]]) -> Mapping[str, Written]:
    targets: dict[str, tuple[str, int]] = {}
    start = 0
    for source, target in pairs:
        targets.setdefault(source, (target, start))
        start += len(target)
    found = {}
    for seed_id, prompt in asked:
        if (known := targets.get(prompt.strip())) is not None:
            target, start = known
            found[seed_id] = Written(seed_id, prompt, target, doc_id, start)
    return found


def apart(texts: Sequence[Written], lengths: Sequence[int]) -> list[int]:
    """Places in texts of those that share no character, the first in a document before the later ones.

    Stretches that overlap would say the same twice, and people would look less diverse than they are.

    Args:
        lengths: characters of each continuation that are used.
    """
    free: dict[str, int] = {}
    kept = []
    for place in sorted(range(len(texts)), key=lambda place: (texts[place].doc_id, texts[place].start, place)):
        doc_id, start = texts[place].doc_id, texts[place].start
        if start >= free.get(doc_id, 0):
            free[doc_id] = start + lengths[place]
            kept.append(place)
    return sorted(kept)
