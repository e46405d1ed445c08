"""The first look through a seed file: its columns, and what is needed to give every seed a key of its own.

It costs some 32 bytes a seed while reading and 4 afterwards, so that a file of any length is then read as a stream.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from textgen_core.errors import InputError
from textgen_core.generation.column_types import Columns, own_schema
from textgen_core.generation.formats import seed_format
from textgen_core.generation.readers import SEED_READERS, Row
from textgen_core.generation.refusal import Refusal
from textgen_core.generation.settings import GenerationOptions

ID_COLUMNS = ("seed_id", "id")


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of a seed file.

    Attributes:
        rows: in it, refused ones included.
        columns: all of its columns.
        id_column: the one that names the seeds, if there is one.
        occurrence: [rows] int32, how many earlier rows have the same id. Without ids, which of the rows with its prompt
            a row is, in an order that follows from what stands in them: where they stand has no part in it.
    """

    rows: int
    columns: pa.Schema
    id_column: str | None
    occurrence: np.ndarray[Any, Any]


def read_rows(path: Path, options: GenerationOptions) -> Iterator[Row]:
    """The rows of a seed file.

    Raises:
        InputError: the format is unknown, or the file can't be read.
    """
    reader = SEED_READERS.get(seed_format(path))
    if reader is None:
        raise InputError(f"a seed file must be one of {', '.join(SEED_READERS)}", str(path), "Convert or rename it")
    try:
        yield from reader(path, options.prompt_column)
    except (OSError, UnicodeError) as error:
        raise InputError("a seed file must be readable", f"{path}: {error}", "Check the file") from None


def survey(path: Path, options: GenerationOptions) -> Survey:
    """Read a seed file once.

    Raises:
        InputError: it holds no seed, or lacks a column that the options name.
    """
    columns = Columns(cells=seed_format(path) in (".csv", ".tsv"))
    prompts, whole, names = array("Q"), array("Q"), {name: array("Q") for name in _id_columns(options)}
    for row in read_rows(path, options):
        if isinstance(row, Refusal):
            row = {}
        columns.see(row)
        prompts.append(_hash(row.get(options.prompt_column)))
        whole.append(_hash(row))
        for column, ids in names.items():
            ids.append(_hash(row.get(column)))
    schema = own_schema(path, columns)
    if not prompts:
        raise InputError("a seed file must hold at least one seed", str(path), "Write prompts into it")
    for name in (options.prompt_column, options.id_column):
        if name is not None and name not in schema.names:
            raise InputError(
                f"a seed file must have the column {name}",
                f"{path} with {', '.join(schema.names) or 'none'}",
                "Set prompt_column or id_column to one of these",
            )
    id_column = next((name for name in _id_columns(options) if name in schema.names), None)
    occurrence = _occurrences(prompts, whole) if id_column is None else _occurrences(names[id_column])
    return Survey(len(prompts), schema, id_column, occurrence)


def _id_columns(options: GenerationOptions) -> tuple[str, ...]:
    return ID_COLUMNS if options.id_column is None else (options.id_column,)


def _hash(value: Any) -> int:
    """64 bits: among a million values two that differ have the same with a probability of 3e-8."""
    content = str(value).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little")


def _occurrences(hashes: array[int], then: array[int] | None = None) -> np.ndarray[Any, Any]:
    """How many equal values come before each one: by what follows them, if anything, and then by place."""
    values = np.frombuffer(hashes, np.uint64)
    order = np.lexsort((values,) if then is None else (np.frombuffer(then, np.uint64), values))
    ordered = values[order]
    begins = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    since = np.arange(len(values)) - np.repeat(begins, np.diff(np.r_[begins, len(values)]))
    occurrence = np.empty(len(values), np.int32)
    occurrence[order] = since
    return occurrence
