"""From records in Python (dictionaries of a text and kept values) to rows, refusing one by one those that don't fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from textgen_core.ingestion.readers.columns import converted
from textgen_core.ingestion.rows import Reject, Rows, in_order, rows_schema

UNFIT = (pa.ArrowException, UnicodeError, OverflowError, TypeError, ValueError, RecursionError)

Record = tuple[int, Any, Sequence[Any]]
"""Row number, text, and the values of the own columns in the schema's order."""


def rows_of(records: Sequence[Record], rejects: Sequence[Reject], own: pa.Schema) -> Rows:
    """A table of the records; where one of them does not fit the schema, they are tried one by one."""
    if (table := _table(records, own)) is not None:
        return Rows(table, rejects)
    fitting, refused = [], list(rejects)
    for record in records:
        if (reject := _misfit(record, own)) is None:
            fitting.append(record)
        else:
            refused.append(reject)
    table = _table([_alike(record, own) for record in fitting], own)
    assert table is not None, "records that fit one by one fit together"
    return Rows(table, in_order(refused))


def _table(records: Sequence[Record], own: pa.Schema) -> pa.Table | None:
    try:
        numbers = pa.array([record[0] for record in records], pa.int64())
        texts = pa.array([record[1] for record in records], pa.string())
        columns = [converted([record[2][at] for record in records], field.type) for at, field in enumerate(own)]
    except UNFIT:
        return None
    return None if texts.null_count else pa.table([numbers, texts, *columns], schema=rows_schema(own))


def _alike(record: Record, own: pa.Schema) -> Record:
    """With values of the columns' own types: 5 and "5" each are an integer, but together no column."""
    values = [converted([value], field.type)[0].as_py() for value, field in zip(record[2], own, strict=True)]
    return record[0], record[1], values


def _misfit(record: Record, own: pa.Schema) -> Reject | None:
    row, text, values = record
    if not isinstance(text, str):
        return no_text(row, text)
    raw = repr(text).encode("utf-8", "backslashreplace")
    if (reject := unencodable(row, text)) is not None:
        return reject
    for value, field in zip(values, own, strict=True):
        try:
            converted([value], field.type)
        except UNFIT:
            message = (
                f"column {field.name!r} must hold {field.type}, as its first rows do; received: {value!r:.80}. "
                "Declare another type in column_types"
            )
            return Reject(row, "wrong-type", message.encode("utf-8", "backslashreplace").decode(), raw)
    return None


def no_text(row: int, value: Any) -> Reject:
    """The reject of a row whose text is null or no string."""
    kind = "null" if value is None else type(value).__name__
    raw = repr(value).encode("utf-8", "backslashreplace")
    return Reject(row, "no-text", f"the text must be a string; received: {kind}. Check text_column", raw)


def unencodable(row: int, text: str) -> Reject | None:
    """The reject of a text with lone surrogates, which are half a character or stand for a byte that was none."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        message = (
            f"text must consist of characters; received: a lone surrogate or an undecodable byte at {error.start}. "
            "Name the encoding, or mend it"
        )
        return Reject(row, "undecodable", message, text.encode("utf-8", "backslashreplace"))
    return None
