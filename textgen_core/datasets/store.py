"""The store of a pipeline: all stage directories that were ever made for one output directory, by their run keys."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import filelock

from textgen_core.datasets.locks import lock_at
from textgen_core.datasets.manifest import MANIFEST, RunKey, read_manifest
from textgen_core.datasets.stage import finished
from textgen_core.errors import DatasetError

STORE = ".store"

S = TypeVar("S")


def place(output: Path, stage: str, key: RunKey) -> Path:
    """Where a stage of a pipeline with this output directory lies.

    Raises:
        DatasetError: output is what a single stage left, of which nothing may change.
    """
    return _store(output) / f"{stage}-{key.digest[:16]}"


def stored(
    output: Path,
    stage: str,
    key_of: Callable[[S], RunKey],
    settings: Callable[[Path], S],
    run: Callable[[S], object],
) -> Path:
    """The finished directory of a stage in this pipeline's store; the stage is run if it isn't there.

    Args:
        settings: the stage's, from where it lies.

    Raises:
        DatasetError: output is what a single stage left.
    """
    key = key_of(settings(output / stage))
    home = place(output, stage, key)
    if finished(home, key) is None:
        run(settings(home))
    return home


@contextmanager
def at_work(output: Path) -> Iterator[None]:
    """Held by whoever makes many stages there before it names them: no other does so too, and nothing is pruned.

    Raises:
        DatasetError: another process is at work there, output is what a single stage left, or can't be written.
    """
    lock = lock_at(_store(output) / ".work.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise DatasetError(
            "one process at a time fills a directory", f"{output}, where another is at work", "Wait for it to end"
        ) from None
    try:
        yield
    finally:
        lock.release()


def unnamed(output: Path) -> list[Path]:
    """What no name in output leads to: stages of earlier configurations, finished or not, and their lock files."""
    store = output / STORE
    named = {path.name for path in _named(output)}
    return sorted(path for path in store.iterdir() if path.name not in named) if store.is_dir() else []


def prune(output: Path) -> list[Path]:
    """Remove what no name leads to.

    Raises:
        DatasetError: a pipeline is at work there; it may be about to name what it has just finished.
    """
    with ExitStack() as locks:
        for lock in (output / STORE).glob(".*.lock"):
            try:
                locks.enter_context(filelock.FileLock(lock).acquire(timeout=0))
            except filelock.Timeout:
                raise DatasetError(
                    "nothing is removed while a pipeline is at work", f"{output}, locked by one", "Wait for it to end"
                ) from None
        doomed = unnamed(output)
        for path in doomed:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return doomed


def size(path: Path) -> int:
    """Bytes of a file, or of all files under a directory."""
    return sum(file.lstat().st_size for file in [path, *path.rglob("*")] if file.is_file())


def _store(output: Path) -> Path:
    if (output / MANIFEST).is_file():
        raise DatasetError(
            "many stages can't be made within the finished directory of one",
            f"{output}, made by {read_manifest(output).key.stage}",
            "Name another directory",
        )
    return Path(os.path.abspath(output)) / STORE


def _named(output: Path) -> Iterator[Path]:
    """The stage directories that the links under output lead to."""
    store = (output / STORE).resolve()
    for folder, folders, files in os.walk(output):
        if folder == str(output) and STORE in folders:
            folders.remove(STORE)
        for name in (*folders, *files):
            target = Path(folder, name).resolve()
            if store in target.parents:
                yield store / target.relative_to(store).parts[0]
