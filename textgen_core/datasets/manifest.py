"""The manifest: the last file a stage writes. Its presence means that the directory is complete."""

from __future__ import annotations

from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from textgen_core.datasets import digests
from textgen_core.errors import DatasetError

MANIFEST = "manifest.json"


class RunKey(BaseModel):
    """All that decides a stage's output. Equal keys promise equal bytes, by the same versions of the libraries and,
    of a trained RNN, by as many threads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: str
    code_version: int
    """Raised by hand whenever the stage's output could change."""
    schema_version: int
    settings: dict[str, Any]
    """Canonical settings, without locations."""
    inputs: dict[str, str]
    """Digest of each input, by its role, and such facts of it as change the output, e.g. a seed file's format."""
    numerics: dict[str, str]
    """What the arithmetic depends on: library versions, device kind. Empty for stages without any."""

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the key."""
        return digests.of_value(self.model_dump(mode="json"))


class FileEntry(BaseModel):
    """One committed file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    """Relative to the stage directory, with forward slashes."""
    size: int
    sha256: str
    rows: int | None = None
    """Rows of a Parquet part; None for other files."""


class Manifest(BaseModel):
    """What a finished stage directory holds and where it came from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: RunKey
    files: tuple[FileEntry, ...]
    facts: dict[str, Any]
    """Counts and figures of the run, e.g. rows in, documents, rejects, duplicates."""
    created: datetime
    seconds: float
    """Working time of the attempt that finished the stage."""
    software: dict[str, str]

    def digest(self, *names: str) -> str:
        """SHA-256 (hex) of the files whose first path component is in names; of all files where no name is given."""
        chosen = [file for file in self.files if not names or file.path.split("/")[0] in names]
        return digests.of_value([[file.path, file.sha256] for file in sorted(chosen, key=lambda file: file.path)])

    @property
    def stated(self) -> str:
        """SHA-256 (hex) of the key, the files and the facts: for what shows all three."""
        return digests.of_value([self.key.digest, self.digest(), self.facts])


def working_directory(output: Path) -> Path:
    """Where output is worked on until it is whole: in RUNS/.NAME.partial/NAME/.

    Nothing unfinished may meet a glob. Python, pandas and shells pass over a dot; DuckDB and polars do not, but what is
    one level deeper is not found by ``RUNS/*/generations/*.parquet``.
    """
    return output.with_name(f".{output.name}.partial") / output.name


def read_manifest(directory: Path) -> Manifest:
    """The manifest of a finished stage directory.

    Raises:
        DatasetError: there is none, or it can't be read.
    """
    path = directory / MANIFEST
    if not path.is_file():
        raise DatasetError("a finished stage directory holds a manifest.json", *_without_manifest(directory))
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise DatasetError(
            "a manifest must be readable by this version",
            f"{path}: {error.errors()[0]['msg']}",
            "Run the stage again into another directory",
        ) from None


def _without_manifest(directory: Path) -> tuple[str, str]:
    """What was found in its place, and what was perhaps meant."""
    if working_directory(directory).exists():
        return f"{directory}, which is not finished", "Run the same command again: it goes on where it stopped"
    if not directory.exists():
        folder = directory.parent
        beside = [path.name for path in folder.iterdir() if not path.name.startswith(".")] if folder.is_dir() else []
        near = get_close_matches(directory.name, beside, 1)
        return f"{directory}, which does not exist", f"Did you mean {folder / near[0]}?" if near else "Check its name"
    inside = [path.name for path in directory.iterdir() if find_manifest(path.resolve())] if directory.is_dir() else []
    if inside:
        return f"{directory} without one", f"Name one of what lies in it: {', '.join(sorted(inside))}"
    return f"{directory} without one", "Run the stage that makes it first"


def find_manifest(path: Path) -> Path | None:
    """The stage directory that path is or lies in, or None."""
    return next((folder for folder in (path, *path.parents) if (folder / MANIFEST).is_file()), None)


def stage_directory(path: Path) -> Path:
    """The finished stage directory that path is, lies in or links to; where there is none, path itself."""
    return find_manifest(path.resolve()) or path
