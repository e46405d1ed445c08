"""Digests of sources, and when they were taken: an unchanged file is not read again to learn its digest.

What was seen lies beside a dataset, in .NAME.seen.json. It says nothing about the dataset; losing it costs time only.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from textgen_core.datasets.stage import write_file
from textgen_core.ingestion.sources import PYTHON_DOCS, Source
from textgen_core.progress import Progress, Update, silent

BLOCK_BYTES = 1 << 20
SECONDS_BETWEEN_UPDATES = 0.5

_TAKEN: dict[tuple[str, str], str] = {}
"""Digests taken by this process, by path and stamp."""


def digests_of(sources: Sequence[Source], directories: Sequence[Path], progress: Progress = silent) -> dict[str, str]:
    """SHA-256 (hex) of each source by name, from what was seen beside the directories where nothing has changed.

    Raises:
        InputError: a source can't be read.
    """
    known: dict[str, list[str]] = {}
    for directory in directories:
        known.update(_load(directory))
    digests = {source.name: _known(source, known.get(source.name, ["", ""])) for source in sources}
    unknown = [source for source in sources if digests[source.name] is None]
    total, done, told = sum(source.size or 0 for source in unknown) / 1e6, 0.0, time.monotonic()
    for source in unknown:
        sha256 = hashlib.sha256()
        for block in _blocks(source):
            sha256.update(block)
            done += len(block) / 1e6
            if time.monotonic() - told > SECONDS_BETWEEN_UPDATES:
                told = time.monotonic()
                progress(Update("hashing", done, max(done, total), "MB"))
        digests[source.name] = _TAKEN[source.path, source.stamp] = sha256.hexdigest()
    return {name: digest for name, digest in digests.items() if digest is not None}


def remember(sources: Sequence[Source], digests: dict[str, str], directory: Path) -> None:
    """Write what was seen beside a dataset."""
    seen = {source.name: [source.stamp, digests[source.name]] for source in sources if source.stamp}
    write_file(_beside(directory), json.dumps(seen, indent=0, sort_keys=True).encode())


def _known(source: Source, seen: list[str]) -> str | None:
    """The digest, if its bytes need not be read for it."""
    if source.problem is not None:
        return source.problem.code
    if source.format == PYTHON_DOCS:
        from textgen_core.ingestion.readers import python_docs

        return python_docs.digest()
    if source.stamp and seen[0] == source.stamp:
        return seen[1]
    return _TAKEN.get((source.path, source.stamp)) if source.stamp else None


def _blocks(source: Source) -> Iterator[bytes]:
    with source.open() as file:
        while block := file.read(BLOCK_BYTES):
            yield block


def _beside(directory: Path) -> Path:
    resolved = directory.resolve()
    return resolved.with_name(f".{resolved.name}.seen.json")


def _load(directory: Path) -> dict[str, list[str]]:
    try:
        seen = json.loads(_beside(directory).read_bytes())
    except (OSError, ValueError):
        return {}
    return {name: entry for name, entry in seen.items() if _is_entry(entry)} if isinstance(seen, dict) else {}


def _is_entry(entry: object) -> bool:
    return isinstance(entry, list) and len(entry) == 2 and all(isinstance(value, str) for value in entry)
