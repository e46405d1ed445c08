"""What people wrote after prompts.

Where the seeds say which document they come from (as those of ``textgen seeds`` do), it is what follows there. Else as
many stretches as there are seeds are drawn from held-out documents, after prompts of as many words.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from textgen_core.datasets.manifest import stage_directory
from textgen_core.datasets.parts import read_batches
from textgen_core.errors import InputError
from textgen_core.frontier.settings import ReferenceSettings
from textgen_core.generation.seeds import KNOBS, Seed, read_seeds
from textgen_core.generation.settings import GenerationOptions
from textgen_core.generation.survey import survey
from textgen_core.seeding.draw import draw_seeds
from textgen_core.seeding.settings import SeedingSettings

MATCHED = 0.5
"""Share of the seeds that must be found in their documents; with fewer, human text is drawn anew."""


class Written(NamedTuple):
    """A prompt and what follows it in its document."""

    seed_id: str
    prompt: str
    following: str
    doc_id: str
    start: int
    """Where in the document the continuation begins."""


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
    words = round(statistics.median(len(seed.prompt.split()) for seed in seeds))
    drawn = draw_seeds(
        SeedingSettings(
            count=len(seeds),
            how="spans",
            words=max(1, words),
            split=settings.held_out,
            seed=settings.seed,
            corpus=stage_directory(settings.corpus),
            output=settings.output,
        )
    )
    columns = zip(*(drawn[name].to_pylist() for name in ("seed_id", "doc_id", "prompt")), strict=True)
    return "drawn", _following(list(columns), settings)


def _seeds(settings: ReferenceSettings) -> list[Seed]:
    options = GenerationOptions(prompt_column=settings.prompt_column, id_column=settings.id_column)
    found = survey(settings.seeds, options)
    if turned := [name for name in found.columns.names if name in KNOBS]:
        raise InputError(
            "the seeds of a frontier leave all knobs to it", f"columns {', '.join(turned)}", "Leave them out"
        )
    seeds = [seed for seed in read_seeds(settings.seeds, found, options) if isinstance(seed, Seed)]
    if not seeds:
        raise InputError("a seed file must hold seeds", str(settings.seeds), "`textgen seeds` draws some")
    return seeds


def _following(prompts: Sequence[tuple[str, str, str]], settings: ReferenceSettings) -> list[Written]:
    """What follows the prompts (seed id, document, prompt) where they first stand; those found nowhere left out."""
    asked: dict[str, list[tuple[str, str]]] = {}
    for seed_id, doc_id, prompt in prompts:
        asked.setdefault(doc_id, []).append((seed_id, prompt))
    found: dict[str, Written] = {}
    for batch in read_batches(stage_directory(settings.corpus) / "documents", ["doc_id", "text"], batch_rows=1000):
        for doc_id, text in zip(batch["doc_id"].to_pylist(), batch["text"].to_pylist(), strict=True):
            found |= _in_document(doc_id, text, asked.get(doc_id, ()))
    return [found[seed_id] for seed_id, _, _ in prompts if seed_id in found]


def _in_document(doc_id: str, text: str, asked: Sequence[tuple[str, str]]) -> Mapping[str, Written]:
    found = {}
    for seed_id, prompt in asked:
        start = text.find(prompt) + len(prompt)
        if prompt in text and text[start:].strip():
            found[seed_id] = Written(seed_id, prompt, text[start:], doc_id, start)
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
