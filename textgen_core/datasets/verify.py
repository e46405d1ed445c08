"""Does a stage directory still hold what its manifest says?"""

from __future__ import annotations

from pathlib import Path

from textgen_core.datasets import digests
from textgen_core.datasets.manifest import MANIFEST, FileEntry, read_manifest
from textgen_core.datasets.parts import count_rows
from textgen_core.errors import DatasetError


def verify(directory: Path) -> list[str]:
    """One sentence for each thing wrong; empty where all is well.

    Raises:
        DatasetError: there is no manifest to check against.
    """
    manifest = read_manifest(directory)
    problems = [problem for entry in manifest.files if (problem := _problem(directory / entry.path, entry))]
    listed = {directory / entry.path for entry in manifest.files} | {directory / MANIFEST}
    strangers = sorted(path for path in directory.rglob("*") if path.is_file() and path not in listed)
    return problems + [f"{path} is not in the manifest" for path in strangers]


def _problem(path: Path, entry: FileEntry) -> str | None:
    if not path.is_file():
        return f"{path} is missing"
    if path.stat().st_size != entry.size:
        return f"{path} has {path.stat().st_size} bytes, the manifest says {entry.size}"
    if digests.of_file(path) != entry.sha256:
        return f"{path} has other bytes than the manifest says"
    if entry.rows is None:
        return None
    try:
        rows = count_rows(path)
    except DatasetError as error:
        return str(error)
    return None if rows == entry.rows else f"{path} has {rows} rows, the manifest says {entry.rows}"
