"""How every stage becomes a directory: worked on aside, committed by one rename, never seen half done."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import platform
import shutil
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import filelock
import pyarrow.parquet as pq

from textgen_core.datasets import digests
from textgen_core.datasets.locks import lock_at
from textgen_core.datasets.manifest import MANIFEST, FileEntry, Manifest, RunKey, read_manifest, working_directory
from textgen_core.errors import DatasetError

KEY = ".key"
SCRATCH = "scratch"
"""A stage's working files (checkpoints, caches) lie in this folder of the working directory; the commit drops it."""

Body = Callable[[Path], Mapping[str, Any]]
"""Does a stage's work in the directory it is given, reusing the parts it finds there, and returns the facts."""


def finished(output: Path, key: RunKey) -> Manifest | None:
    """The manifest of output if it already holds this very run; None if output does not exist.

    Raises:
        DatasetError: output holds another run, or something that is no stage directory.
    """
    if not output.exists():
        return None
    if output.is_dir() and not any(output.iterdir()):
        return None
    manifest = read_manifest(output)
    if manifest.key != key:
        raise DatasetError(
            "a directory holds one run only",
            f"{output}, which holds another ({_difference(manifest.key, key)})",
            "Choose another output, or remove this one",
        )
    return manifest


def run_stage(key: RunKey, output: Path, body: Body) -> Manifest:
    """Do a stage's work once: nothing if output already holds it, else resume or start it, then commit.

    A body that raises leaves its finished parts in the working directory; the next call with the same key finds them.

    Raises:
        DatasetError: output holds another run, can't be written, or another process is at work on it.
    """
    output = Path(os.path.abspath(output))
    if (manifest := finished(output, key)) is not None:
        return manifest
    lock = lock_at(output.with_name(f".{output.name}.lock"))
    try:
        with lock.acquire(timeout=0):
            if (manifest := finished(output, key)) is not None:
                return manifest
            return _work(key, output, body)
    except filelock.Timeout:
        raise DatasetError(
            "one process at a time writes a directory", f"{output}, locked by another", "Wait for it to end"
        ) from None


def _work(key: RunKey, output: Path, body: Body) -> Manifest:
    partial = working_directory(output)
    if (manifest := _unmoved(partial, key)) is None:
        began = time.monotonic()
        _open_partial(partial, key)
        facts = body(partial)
        manifest = Manifest(
            key=key,
            files=tuple(_entry(path, partial) for path in _results(partial)),
            facts=dict(facts),
            created=datetime.now(UTC),
            seconds=round(time.monotonic() - began, 3),
            software=_software(),
        )
        write_file(partial / MANIFEST, manifest.model_dump_json(indent=1).encode())
    (partial / KEY).unlink(missing_ok=True)
    shutil.rmtree(partial / SCRATCH, ignore_errors=True)
    if output.is_dir():
        output.rmdir()  # empty, or finished() would have refused it
    partial.rename(output)
    with contextlib.suppress(OSError):  # committed all the same
        partial.parent.rmdir()
    sync_directory(output.parent)
    return manifest


def _unmoved(partial: Path, key: RunKey) -> Manifest | None:
    """The manifest of a run that was killed between its manifest and its rename."""
    if not (partial / MANIFEST).is_file():
        return None
    manifest = read_manifest(partial)
    return manifest if manifest.key == key else None


def _open_partial(partial: Path, key: RunKey) -> None:
    """Keep what an earlier attempt at the same run left; clear away what another run left."""
    note = partial / KEY
    if note.is_file() and note.read_bytes() == key.digest.encode():
        return
    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(parents=True)
    write_file(note, key.digest.encode())


def _results(partial: Path) -> list[Path]:
    """The files to commit; what a killed attempt left half written is removed."""
    for leftover in partial.rglob(".*.tmp"):
        leftover.unlink()
    paths = (path for path in partial.rglob("*") if path.is_file() and path.name != KEY)
    return sorted(path for path in paths if path.relative_to(partial).parts[0] != SCRATCH)


def _entry(path: Path, root: Path) -> FileEntry:
    rows = pq.read_metadata(path).num_rows if path.suffix == ".parquet" else None
    return FileEntry(
        path=path.relative_to(root).as_posix(), size=path.stat().st_size, sha256=digests.of_file(path), rows=rows
    )


def _difference(old: RunKey, new: RunKey) -> str:
    mine, theirs = (key.model_dump(mode="json") for key in (new, old))
    names = [name for name in mine if mine[name] != theirs[name]]
    if names == ["settings"]:
        names = [
            f"setting {name}" for name in mine["settings"] if mine["settings"].get(name) != theirs["settings"].get(name)
        ]
    return ", ".join(names) + " differ" + ("s" if len(names) == 1 else "")


def _software() -> dict[str, str]:
    return {
        "textgen": importlib.metadata.version("textgen"),
        "python": platform.python_version(),
        "pyarrow": importlib.metadata.version("pyarrow"),
    }


def write_file(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, also after a power cut."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
