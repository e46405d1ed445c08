"""What lies in a directory that textgen made: the facts behind ``show``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from textgen_core.datasets.columns import meaning
from textgen_core.datasets.manifest import Manifest, find_manifest, read_manifest
from textgen_core.datasets.parts import parts_of, read_part
from textgen_core.errors import DatasetError


@dataclass(frozen=True, slots=True)
class Dataset:
    """A folder of Parquet parts.

    Attributes:
        name: its folder's name.
        rows: rows in all parts.
        columns: name, type and description of each column.
        examples: its first rows.
    """

    name: str
    parts: int
    rows: int
    columns: list[tuple[str, str, str]]
    examples: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Stage:
    """A finished stage directory, or the part of it that was asked for."""

    directory: Path
    manifest: Manifest
    datasets: list[Dataset]
    files: list[tuple[str, int]]
    """Files that are no Parquet parts, with their sizes in bytes."""


def examine(path: Path, examples: int) -> Stage:
    """Everything about a stage directory, or about the dataset in it that path names.

    Raises:
        DatasetError: path neither is a stage directory nor lies in one.
    """
    real = path.resolve()
    directory = find_manifest(real)
    if directory is None:
        read_manifest(path)  # raises, and says what to do about it
        raise DatasetError("a stage directory holds a manifest.json", str(path))
    inside = real.relative_to(directory).parts[:1]
    manifest = read_manifest(directory)
    names = dict.fromkeys(entry.path.split("/")[0] for entry in manifest.files if entry.rows is not None)
    chosen = [name for name in names if not inside or name == inside[0]]
    others = [(entry.path, entry.size) for entry in manifest.files if entry.rows is None and not inside]
    return Stage(directory, manifest, [dataset(directory / name, examples) for name in chosen], others)


def dataset(path: Path, examples: int) -> Dataset:
    """Schema, size and first rows of one dataset: a folder of parts, or one Parquet file."""
    parts = [path] if path.is_file() else parts_of(path)
    if not parts:
        raise DatasetError("a dataset holds at least one Parquet part", str(path))
    schema = pq.read_schema(parts[0])
    columns = [(field.name, str(field.type), meaning(field)) for field in schema]
    rows = sum(pq.read_metadata(part).num_rows for part in parts)
    return Dataset(path.name, len(parts), rows, columns, first_rows(parts, examples))


def first_rows(parts: list[Path], count: int) -> list[dict[str, Any]]:
    """At most count rows from the beginning."""
    rows: list[dict[str, Any]] = []
    for part in parts:
        if len(rows) >= count:
            break
        batch = next(read_part(part, batch_rows=max(1, count)), None)
        if batch is not None:
            rows += batch.slice(0, count - len(rows)).to_pylist()
    return rows


def products(out: Path) -> dict[str, Path]:
    """The names that a pipeline gave its products in OUT, and the stage directories they lead into."""
    links = sorted(path for pattern in ("*", "*/*") for path in out.glob(pattern) if path.is_symlink())
    found = {link.relative_to(out).as_posix(): find_manifest(link.resolve()) for link in links}
    return {name: directory for name, directory in found.items() if directory is not None}
