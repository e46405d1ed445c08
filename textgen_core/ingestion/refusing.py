"""Cleaning rows and refusing those that hold no usable text."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from textgen_core.errors import InputError
from textgen_core.ingestion.cleaning import CLEANING, clean
from textgen_core.ingestion.identity import utf8
from textgen_core.ingestion.rows import Reject, Rows, in_order
from textgen_core.ingestion.settings import IngestionOptions

ON_PURPOSE = frozenset({"blank", "min-chars", "unknown-format", *CLEANING})
"""Codes of rows that could be read but were not wanted: they don't count as unreadable."""


def check_share(share: float, most: float, why: str) -> None:
    """Not too many rows were unreadable.

    Raises:
        InputError: their share is above the most.
    """
    if share > most:
        raise InputError(
            f"at most {most:.1%} of the rows may be unreadable", f"{share:.1%}: {why}", "Or raise max_reject_share"
        )


def cleaned(rows: Rows, options: IngestionOptions) -> Rows:
    """Rows with cleaned texts; without those that are blank, too short, too long or hold a NUL."""
    table, rejects = rows.table, list(rows.rejects)
    if options.cleaning:
        table, refused = _apply(table, options)
        rejects += refused
    for code, (unfit, message) in _REFUSALS.items():
        mask = unfit(table.column("text"), options)
        if mask is not None and pc.any(mask).as_py():
            rejects += _rejects(table.filter(mask), code, message.format(options=options))
            table = table.filter(pc.invert(mask))
    return Rows(table, in_order(rejects))


_REFUSALS: dict[str, tuple[Callable[[pa.ChunkedArray, IngestionOptions], pa.ChunkedArray | None], str]] = {
    "nul": (
        lambda texts, options: _with_nul(texts),
        "text must not hold NUL. Mend it, or clean it by strip-control",
    ),
    "blank": (
        lambda texts, options: pc.equal(pc.utf8_trim_whitespace(texts), ""),
        "text must not be blank",
    ),
    "min-chars": (
        lambda texts, options: pc.less(pc.utf8_length(texts), options.min_chars) if options.min_chars else None,
        "text must have {options.min_chars} characters. Lower min_chars to keep it",
    ),
    "too-long": (
        lambda texts, options: _longer(texts, options.max_document_bytes),
        "a document may have {options.max_document_bytes:,} bytes; received: more. Cut it, or raise max_document_bytes",
    ),
}
"""By code: which texts are refused (None: certainly none), and why."""


def _longer(texts: pa.ChunkedArray, limit: int) -> pa.ChunkedArray | None:
    return pc.greater(pc.binary_length(texts), limit) if texts.nbytes > limit else None


def _with_nul(texts: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Which texts hold a NUL. The bytes of all are looked at first, which is a hundred times quicker."""
    if not any(len(content) and not content.min() for content, _ in map(utf8, texts.chunks)):
        return None
    return pc.match_substring(texts, "\0")


def _rejects(table: pa.Table, code: str, message: str) -> list[Reject]:
    return [
        Reject(row, code, message, text[:256].encode())
        for row, text in zip(table.column("source_row").to_pylist(), table.column("text").to_pylist(), strict=True)
    ]


def _apply(table: pa.Table, options: IngestionOptions) -> tuple[pa.Table, list[Reject]]:
    texts: list[str] = []
    kept: list[bool] = []
    rejects: list[Reject] = []
    rows = table.column("source_row").to_pylist()
    for row, text in zip(rows, table.column("text").to_pylist(), strict=True):
        result, step = clean(text, options.cleaning)
        kept.append(result is not None)
        if result is not None:
            texts.append(result)
        elif step is not None:
            rejects.append(Reject(row, step, f"refused by the cleaning step {step}", text[:256].encode()))
    table = table.filter(pa.array(kept, pa.bool_()))
    return table.set_column(1, "text", pa.array(texts, pa.string())), rejects
