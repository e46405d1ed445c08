"""Digests of sources, and when they were taken: an unchanged file is not read again to learn its digest.

What was seen lies beside a dataset, in NAME.seen.json. It says nothing about the dataset; losing it costs time only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from textgen_core.datasets.stage import write_file
from textgen_core.errors import InputError
from textgen_core.ingestion.sources import PYTHON_DOCS, Source

_TAKEN: dict[tuple[str, str], str] = {}
"""Digests taken by this process, by path and stamp."""


def digests_of(sources: Sequence[Source], directories: Sequence[Path]) -> dict[str, str]:
    """SHA-256 (hex) of each source by name, from what was seen beside the directories where nothing has changed.

    Raises:
        InputError: a source can't be read.
    """
    known: dict[str, list[str]] = {}
    for directory in directories:
        known.update(_load(directory))
    return {source.name: _digest(source, known.get(source.name, ["", ""])) for source in sources}


def remember(sources: Sequence[Source], digests: dict[str, str], directory: Path) -> None:
    """Write what was seen beside a dataset."""
    seen = {source.name: [source.stamp, digests[source.name]] for source in sources if source.stamp}
    write_file(_beside(directory), json.dumps(seen, indent=0, sort_keys=True).encode())


def _digest(source: Source, known: list[str]) -> str:
    if source.problem is not None:
        return source.problem.code
    if source.format == PYTHON_DOCS:
        from textgen_core.ingestion.readers import python_docs

        return python_docs.digest()
    if source.stamp and known[0] == source.stamp:
        return known[1]
    place = (source.path, source.stamp)
    if source.stamp and place in _TAKEN:
        return _TAKEN[place]
    try:
        with source.open() as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    except OSError as error:
        raise InputError("a source must be readable", f"{source.name}: {error}", "Check its permissions") from None
    _TAKEN[place] = digest
    return digest


def _beside(directory: Path) -> Path:
    resolved = directory.resolve()
    return resolved.with_name(resolved.name + ".seen.json")


def _load(directory: Path) -> dict[str, list[str]]:
    try:
        seen = json.loads(_beside(directory).read_bytes())
    except (OSError, ValueError):
        return {}
    return {name: entry for name, entry in seen.items() if _is_entry(entry)} if isinstance(seen, dict) else {}


def _is_entry(entry: object) -> bool:
    return isinstance(entry, list) and len(entry) == 2 and all(isinstance(value, str) for value in entry)
