"""Parquet: the text in one column, other columns kept with their own types."""

from __future__ import annotations

from collections.abc import Iterator

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
"""Uncompressed bytes to decode at a time."""


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
                "the text column must hold strings", f"{options.text_column!r} of {content.name}, which holds {stored}"
            )
        return pa.schema([pa.field(name, _own_type(name, schema, options)) for name in names])

    def rows(self, content: Content, options: IngestionOptions, own: pa.Schema) -> Iterator[Rows]:
        """Every row; those without text or with bytes that are no UTF-8 become rejects."""
        with content.open() as stream:
            file = _file(stream, content.name)
            present = [name for name in own.names if name in file.schema_arrow.names]
            row = 0
            batches = file.iter_batches(_batch_rows(file), columns=[options.text_column, *present])
            while (batch := _next(batches)) is not None:
                yield _rows(batch, row, options, own)
                row += batch.num_rows


def _file(stream: object, name: str) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(stream, page_checksum_verification=True, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise SourceRefused("damaged", f"a Parquet file must be whole; received: {name}: {error}") from None


def _next(batches: Iterator[pa.RecordBatch]) -> pa.RecordBatch | None:
    try:
        return next(batches, None)
    except (pa.ArrowException, OSError) as error:
        raise SourceRefused("damaged", f"a Parquet file must be whole; received: {error}") from None


def _batch_rows(file: pq.ParquetFile) -> int:
    groups = [file.metadata.row_group(index) for index in range(file.metadata.num_row_groups)]
    widest = max((group.total_byte_size / max(1, group.num_rows) for group in groups), default=1.0)
    return max(1, min(10_000, int(BATCH_BYTES / max(1.0, widest))))


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
