"""From what the user typed to the sources it means, in canonical order: sorted by name, each once."""

from __future__ import annotations

import glob
import os
import stat
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import Any

from textgen_core.errors import INSTALL, InputError
from textgen_core.ingestion.rows import Reject
from textgen_core.ingestion.stored import Stored, reaching
from textgen_core.ingestion.urls import LINK, url_of, without_link

PYTHON_DOCS = "python-docs"
SUFFIXES = {
    ".txt": "txt",
    ".text": "txt",
    ".md": "txt",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
}
SETTLED_NS = 2_000_000_000
COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".zstd")


@dataclass(frozen=True, slots=True)
class Source:
    """One file, URL or built-in corpus.

    Attributes:
        name: what the ``source`` column says: the path as typed, found below a directory or matched by a glob; of a URL
            all of it but a password.
        format: the reader's name in READERS.
        path: where to open it.
        size: bytes, as stored; None where a server does not tell.
        stamp: equal stamps mean an unchanged source; empty where that can't be told without reading, as of a file
            modified within the last seconds: it could be modified again within one tick of the clock.
        files: the fsspec file system of a URL; None for a local file.
        problem: why it can't be read at all.
        modified: when, in nanoseconds; None where that can't be asked for again, as of a URL.
    """

    name: str
    format: str
    path: str
    size: int | None = 0
    stamp: str = ""
    files: Any = None
    problem: Reject | None = None
    modified: int | None = None

    def open(self) -> BufferedReader:
        """Its bytes, as stored.

        Raises:
            InputError: it can't be opened, or later can't be read.
        """
        with reaching(self.name):
            file = self.files.open(self.path, "rb") if self.files else Path(self.path).open("rb", buffering=0)  # noqa: SIM115
        return BufferedReader(Stored(file, self.name))  # which closes it, too

    @property
    def place(self) -> str:
        """Where it lies on this machine, links resolved; empty elsewhere, as inside of an archive."""
        if self.format == PYTHON_DOCS:
            return ""
        url = self.files is not None
        return "" if url and (LINK in self.name or not self.name.startswith("file://")) else os.path.realpath(self.path)

    def is_still(self) -> bool:
        """Whether it is as it was found: a log may grow meanwhile, and a file be put in another's place."""
        if self.modified is None:
            return True
        with reaching(self.name):
            status = Path(self.path).stat()
        return (status.st_size, status.st_mtime_ns) == (self.size, self.modified)


def find_sources(inputs: Sequence[str], format_name: str) -> list[Source]:
    """The sources of all inputs, sorted by name; a file reached by two names counts once.

    Raises:
        InputError: an input matches nothing.
    """
    found: dict[str, Source] = {}
    for source in sorted((s for text in inputs for s in _expand(text, format_name)), key=lambda source: source.name):
        found.setdefault(source.place or source.name, source)
    return list(found.values())


def _expand(text: str, format_name: str) -> Iterator[Source]:
    if text == PYTHON_DOCS:
        yield Source(PYTHON_DOCS, PYTHON_DOCS, PYTHON_DOCS)
    elif "://" in text:
        yield from _expand_url(text, format_name)
    elif os.path.lexists(text):
        yield from _below(Path(text), format_name, outright=True)
    else:
        matches = sorted(glob.glob(text, recursive=True))  # noqa: PTH207 - Path.glob refuses absolute patterns
        if not matches:
            raise InputError(
                "an input must be a file, a directory, a glob that matches, a URL or python-docs",
                repr(text),
                "Check the spelling and the working directory",
            )
        for match in matches:
            yield from _below(Path(match), format_name, outright=True)


def _below(
    path: Path, format_name: str, outright: bool, above: frozenset[tuple[int, int]] = frozenset()
) -> Iterator[Source]:
    """The file itself, or the files below a folder; a symbolic link back to a folder above is not followed."""
    if not path.is_dir():
        yield _local(path, format_name, outright)
        return
    status = path.stat()
    if (identity := (status.st_dev, status.st_ino)) in above:
        return
    try:
        inner = sorted(path.iterdir())
    except OSError as error:
        yield Source(_name(path), "txt", str(path), problem=_unreachable(path, error))
        return
    for entry in inner:
        if not entry.name.startswith("."):
            yield from _below(entry, format_name, False, above | {identity})


def _local(path: Path, format_name: str, outright: bool) -> Source:
    name = _name(path)
    try:
        status = path.stat()
    except OSError as error:
        return Source(name, "txt", str(path), problem=_unreachable(path, error))
    if not stat.S_ISREG(status.st_mode):
        problem = Reject(
            None,
            "not-a-file",
            f"a source must be a regular file; received: {name}, a pipe or a device. Write what it holds to a file",
        )
        return Source(name, "txt", str(path), problem=problem)
    kind, unknown = _format_of(name, format_name, outright)
    settled = time.time_ns() - status.st_mtime_ns > SETTLED_NS
    stamp = f"{status.st_size}-{status.st_mtime_ns}" if settled else ""
    return Source(name, kind, str(path), status.st_size, stamp, problem=unknown, modified=status.st_mtime_ns)


def _name(path: Path) -> str:
    """The path as text; bytes in it that are no UTF-8 are spelt out."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _unreachable(path: Path, error: OSError) -> Reject:
    return Reject(None, "unreachable", f"a source must be reachable; received: {_name(path)}: {error.strerror}")


def _expand_url(url: str, format_name: str) -> Iterator[Source]:
    import fsspec  # here, so that a command on local files starts without it

    try:
        files, root = fsspec.core.url_to_fs(url)
        paths = files.glob(root) if glob.has_magic(root) else [root]
        paths = [inner for path in paths for inner in (files.find(path) if files.isdir(path) else [path])]
        entries = [(path, files.info(path)) for path in sorted(set(paths))]
    except ImportError as error:
        what = "-e '.[http]'" if url.startswith("http") else "with what it names"
        remedy = f"Install them: {INSTALL} {what}"
        raise InputError("a URL needs packages that read it", f"{url}: {error}", remedy) from None
    except (OSError, ValueError) as error:
        raise InputError("a URL must be reachable", f"{url}: {error}", "Check it and its credentials") from None
    if not entries:
        raise InputError("a URL must match a file", url, "Check the spelling")
    for path, info in entries:
        name = url_of(path, files, url, root)
        outright = path == root or glob.has_magic(root)
        kind, unknown = _format_of(without_link(name), format_name, outright)
        marks = [str(info[mark]) for mark in ("ETag", "etag", "mtime", "LastModified", "updated") if info.get(mark)]
        size = info.get("size")
        yield Source(name, kind, path, size, "-".join([str(size), *marks]) if marks else "", files, unknown)


def _format_of(name: str, format_name: str, outright: bool) -> tuple[str, Reject | None]:
    """The format, and a reject where it can't be told."""
    if format_name != "auto":
        return format_name, None
    path = PurePosixPath(name)
    suffix = path.suffix.lower()
    if suffix in COMPRESSED:
        suffix = PurePosixPath(path.stem).suffix.lower()
    if suffix in SUFFIXES:
        return SUFFIXES[suffix], None
    problem = Reject(
        None, "unknown-format", f"a file found in a directory must have a known suffix; received: {name}. Set format"
    )
    return "txt", None if outright else problem
