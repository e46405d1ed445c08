"""Which format a seed file has, and whether it is one."""

from __future__ import annotations

import re
from pathlib import Path

from textgen_core.errors import InputError
from textgen_core.ingestion.sources import COMPRESSED

URL = re.compile(r"[a-z][a-z0-9+.-]+:/")


def seed_format(path: Path) -> str:
    """The suffix that says how a seed file is read, in lower case; that of a compression stands behind it."""
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix in COMPRESSED else suffix


def check_seed_file(path: Path) -> None:
    """A seed file is a file; what ``textgen seeds`` writes is a directory that holds one.

    Raises:
        InputError: it is missing or no file.
    """
    if path.is_file():
        return
    remedy = "Download it first" if URL.match(str(path)) else "Check its name"
    if path.is_dir() and (inside := next(iter(sorted(path.glob("*.parquet"))), None)) is not None:
        remedy = f"Name {inside}"
    raise InputError("a seed file must be a regular file on this machine", str(path), remedy)
