"""Names for what a registry holds, so that people find it, and that what has no name any more can go.

REGISTRY/corpus       the newest ingestion
REGISTRY/sequences    what the newest model was trained on
REGISTRY/challenge    what both models made of each held-out document in the last comparison
REGISTRY/v1, v2 ...   the models that are kept
"""

from __future__ import annotations

import logging
from pathlib import Path

from textgen_core.datasets.links import point
from textgen_core.datasets.store import prune
from textgen_core.errors import DatasetError
from textgen_core.registry import Versions, read_registry

CORPUS = "corpus"

log = logging.getLogger(__name__)


def tidy(home: Path, keep: int, corpus: Path, tokens: Path | None, challenge: Path | None) -> None:
    """Give the directories of a round their names, take those of old models away, and remove what has none."""
    inside = {"sequences": tokens and tokens / "sequences", "challenge": challenge and challenge / "scores"}
    for name, target in {CORPUS: corpus, **inside}.items():
        if target is not None:
            point(home / name, target)
    known = read_registry(home)
    staying = kept(known, keep)
    for version in known.versions:
        link = home / f"v{version.number}"
        if version.number not in staying:
            link.unlink(missing_ok=True)
        elif (home / version.model).is_dir():
            point(link, home / version.model)
    try:
        prune(home)
    except DatasetError as error:  # another round is at work there: the next one will do it
        log.warning("Old versions stay for now: %s", error)


def kept(known: Versions, keep: int) -> set[int]:
    """Numbers of the versions whose models stay: the newest, the champion and the one before."""
    return {version.number for version in known.versions[-keep:]} | set(known.champions[-2:])
