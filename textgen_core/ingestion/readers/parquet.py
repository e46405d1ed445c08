"""Parquet: the text in one column, other columns kept with their own types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from textgen_core.errors import InputError
from textgen_core.ingestion.readers.columns import TYPES, kept
from textgen_core.ingestion.readers.interface import Content
from textgen_core.ingestion.rows import Reject, Rows, SourceRefused, rows_schema
from textgen_core.ingestion.settings import IngestionOptions

BATCH_BYTES = 16 << 20
"""Text bytes to work on at a time."""
BATCH_ROWS = 10_000


class ParquetReader:
    """Rows of a Parquet file."""

    def columns(self, content: Content, options: IngestionOptions) -> pa.Schema:
        """Types as stored, dictionaries decoded."""
        with content.open() as file:
            schema = _file(file, content.name).schema_arrow
        names = kept(schema.names, options, content.name)
        stored = schema.field(options.text_column).type
        if not _is_text(stored):
            raise InputError(
                "the text column must hold strings",
                f"{options.text_column!r} of {content.name}, which holds {stored}",
                "Set text_column to another, or convert it there",
            )
        return pa.schema([pa.field(name, _own_type(name, schema, options)) for name in names])

    def rows(self, content: Content, options: IngestionOptions, own: pa.Schema) -> Iterator[Rows]:
        """Every row; those without text or with bytes that are no UTF-8 become rejects."""
        with content.open() as stream:
            schema = _file(stream, content.name).schema_arrow
            present = [name for name in own.names if name in schema.names]
            texts = [name for name in (options.text_column, *present) if _is_text(schema.field(name).type)]
            file = _file(stream, content.name, texts)
            row, left = 0, _most_bytes(stream, options)
            batches = file.iter_batches(_batch_rows(file), columns=[options.text_column, *present])
            while (batch := _next(batches)) is not None:
                for piece in _pieces(batch):
                    yield _rows(piece, row, options, own)
                    row += piece.num_rows
                    left -= sum(piece.column(name).cast(pa.string()).nbytes for name in texts)
                    if left < 0:
                        raise SourceRefused(
                            "too-large",
                            "a Parquet file may unpack to so many times its size only; received: more. "
                            "If you trust it, raise max_source_bytes or max_compression_ratio",
                        )


def _file(stream: Any, name: str, dictionaries: Sequence[str] = ()) -> pq.ParquetFile:
    """The file; of the columns named, each value comes once a batch however often it is there."""
    try:
        stream.seek(0)
        return pq.ParquetFile(
            stream, page_checksum_verification=True, pre_buffer=False, read_dictionary=list(dictionaries)
        )
    except (pa.ArrowException, OSError) as error:
        raise SourceRefused("damaged", f"a Parquet file must be whole; received: {name}: {_said(error)}") from None


def _most_bytes(stream: Any, options: IngestionOptions) -> float:
    size: int = stream.seek(0, 2)
    return min(options.max_source_bytes, options.max_compression_ratio * size)


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """A batch in pieces of about BATCH_BYTES: a few bytes can say that a long text is there a million times."""
    widths = np.zeros(batch.num_rows, np.int64)
    for column in batch.columns:
        if pa.types.is_dictionary(column.type):
            widths += pc.binary_length(column.dictionary).take(column.indices).fill_null(0).to_numpy(False)
    ends, start = np.cumsum(widths), 0
    while start < batch.num_rows:
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + BATCH_BYTES, side="right")))
        yield batch.slice(start, stop - start)
        start = stop


def _said(error: Exception) -> str:
    """An error of Arrow's in one line."""
    return " ".join(str(error).split()).rstrip(".")


def _next(batches: Iterator[pa.RecordBatch]) -> pa.RecordBatch | None:
    try:
        return next(batches, None)
    except (pa.ArrowException, OSError) as error:
        raise SourceRefused("damaged", f"a Parquet file must be whole; received: {_said(error)}") from None


def _batch_rows(file: pq.ParquetFile) -> int:
    groups = [file.metadata.row_group(index) for index in range(file.metadata.num_row_groups)]
    widest = max((group.total_byte_size / max(1, group.num_rows) for group in groups), default=1.0)
    return max(1, min(BATCH_ROWS, int(BATCH_BYTES / max(1.0, widest))))


def _is_text(kind: pa.DataType) -> bool:
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return inner in (pa.string(), pa.large_string(), pa.string_view(), pa.null())


def _own_type(name: str, schema: pa.Schema, options: IngestionOptions) -> pa.DataType:
    if name in options.column_types:
        return TYPES[options.column_types[name]]
    kind = schema.field(name).type
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _rows(batch: pa.RecordBatch, row: int, options: IngestionOptions, own: pa.Schema) -> Rows:
    numbers = pa.array(np.arange(row, row + batch.num_rows, dtype=np.int64))
    texts = batch.column(options.text_column).cast(pa.string())
    columns = [_column(batch, field, row) for field in own]
    table = pa.table([numbers, texts, *columns], schema=rows_schema(own))
    fit, rejects = _fit(texts, row)
    return Rows(table if fit is None else table.filter(fit), rejects)


def _column(batch: pa.RecordBatch, field: pa.Field, row: int) -> pa.Array:
    if field.name not in batch.schema.names:
        return pa.nulls(batch.num_rows, field.type)
    try:
        return batch.column(field.name).cast(field.type)
    except pa.ArrowException as error:
        raise InputError(
            f"column {field.name!r} must hold {field.type}",
            f"{error}, at or after row {row}",
            "Set column_types to another type, e.g. string",
        ) from None


def _fit(texts: pa.Array, row: int) -> tuple[pa.Array | None, list[Reject]]:
    """Which texts can be used (None: all), and the rejects for the others."""
    codes: dict[int, Reject] = {}
    for index in np.flatnonzero(texts.is_null().to_numpy(zero_copy_only=False)).tolist():
        codes[index] = Reject(row + index, "no-text", "the text must be a string; received: null")
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        for index, raw in enumerate(texts.cast(pa.binary()).to_pylist()):
            try:
                (raw or b"").decode()
            except UnicodeDecodeError as error:
                message = f"text must be UTF-8; received: {error.reason} at byte {error.start}"
                codes[index] = Reject(row + index, "undecodable", message, raw)
    if not codes:
        return None, []
    unfit = np.zeros(len(texts), np.bool_)
    unfit[list(codes)] = True
    return pc.invert(pa.array(unfit)), [codes[index] for index in sorted(codes)]
