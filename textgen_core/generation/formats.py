"""Which format a seed file has."""

from __future__ import annotations

from pathlib import Path

from textgen_core.ingestion.sources import COMPRESSED


def seed_format(path: Path) -> str:
    """The suffix that says how a seed file is read, in lower case; that of a compression stands behind it."""
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix in COMPRESSED else suffix
