"""Which split a document belongs to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from textgen_core.errors import InputError
from textgen_core.ingestion.identity import Hashes
from textgen_core.ingestion.rows import Reject
from textgen_core.ingestion.settings import SplitSettings

SPLITS = ("train", "validation", "test")
ALIASES = {"train": 0, "training": 0, "validation": 1, "valid": 1, "val": 1, "dev": 1, "test": 2}
"""What a split column may say, in any case, and the index in SPLITS."""

_NAMES = pa.array(SPLITS)


def by_hash(hashes: Hashes, split: SplitSettings) -> pa.Array:
    """Splits of documents by content: the same text goes the same way in every corpus."""
    place = hashes[:, 1] / 2.0**64
    held_out = np.where(place < split.validation, 1, np.where(place < split.validation + split.test, 2, 0))
    return _NAMES.take(pa.array(held_out))


def by_column(values: pa.Array) -> tuple[pa.Array, pa.Array]:
    """(splits, whether each value names one)."""
    lowered = pc.utf8_lower(pc.utf8_trim_whitespace(values.cast(pa.string())))
    index = pc.index_in(lowered, pa.array(list(ALIASES)))
    places = pa.array(list(ALIASES.values())).take(index.fill_null(0))
    return _NAMES.take(places), pc.is_valid(index)


def known_splits(table: pa.Table, column: str) -> tuple[npt.NDArray[np.bool_], list[Reject]]:
    """Which rows name a split in the column, and the rejects of the others, in order."""
    values = table.column(column).combine_chunks()
    fit = by_column(values)[1].to_numpy(zero_copy_only=False)
    strangers = table.filter(pa.array(~fit))
    rows = zip(strangers.column("source_row").to_pylist(), strangers.column(column).to_pylist(), strict=True)
    message = "{!r} must be train, validation or test; received: {!r:.80}"
    return fit, [Reject(row, "unknown-split", message.format(column, value)) for row, value in rows]


def tail_borders(characters: int, split: SplitSettings) -> tuple[int, int]:
    """Where, among the characters of a source, validation and test begin.

    With a validation share of 0.1 and no test share, ``int(0.9 * n)``, as nanoGPT cuts its corpora.
    """
    return int(characters * (1 - split.validation - split.test)), int(characters * (1 - split.test))


def tail_pieces(start: int, characters: int, borders: tuple[int, int]) -> Iterator[tuple[str, int, int]]:
    """(split, from, to) of the pieces of a document that begins at character `start` of its source."""
    edges = [0, *(min(max(border - start, 0), characters) for border in borders), characters]
    for name, begin, end in zip(SPLITS, edges, edges[1:], strict=False):
        if end > begin:
            yield name, begin, end


def check_splits(counts: dict[str, int], split: SplitSettings) -> None:
    """Refuse a dataset that can't be trained on or judged.

    Raises:
        InputError: a split that was asked for got no document.
    """
    documents = sum(counts.values())
    wanted = {"train": True, "validation": split.method == "column" or split.validation > 0}
    wanted["test"] = split.method != "column" and split.test > 0
    empty = [name for name in SPLITS if wanted[name] and not counts[name]]
    if empty:
        remedy = {
            "hash": "Split by tail, which cuts inside a document, use smaller units, or raise the shares",
            "tail": "Raise the shares, or give more text",
            "column": "Check the split column's values, or split by hash or tail",
        }[split.method]
        raise InputError(
            f"every split must hold a document; {' and '.join(empty)} got none",
            f"{documents:,} documents, split by {split.method}",
            remedy,
        )
