"""Many records of separated values at once by pyarrow, wherever that gives the rows that a record at a time would."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.csv

from textgen_core.ingestion.readers.columns import spelt
from textgen_core.ingestion.rows import Rows, rows_schema
from textgen_core.ingestion.settings import IngestionOptions


def rows_of_records(
    records: bytes, first_row: int, separator: bytes, names: Sequence[str], options: IngestionOptions, own: pa.Schema
) -> Rows | None:
    """The rows of whole records whose quotes are in order; None where a value does not fit, or their number."""
    present = [name for name in own.names if name in names]
    wanted = dict.fromkeys([options.text_column, *present])
    places = {name: str(list(names).index(name)) for name in wanted}
    parsed = _parsed(records, separator, len(names), list(places.values()))
    if parsed is None:
        return None
    numbers = pa.array(np.arange(first_row, first_row + parsed.num_rows, dtype=np.int64))
    try:
        texts = parsed.column(places[options.text_column])
        columns = [
            spelt(parsed.column(places[field.name]), field.type)
            if field.name in present
            else pa.nulls(parsed.num_rows, field.type)
            for field in own
        ]
    except pa.ArrowException:
        return None
    return Rows(pa.table([numbers, texts, *columns], schema=rows_schema(own)).combine_chunks())


def _parsed(records: bytes, separator: bytes, width: int, wanted: list[str]) -> pa.Table | None:
    """Columns of strings, named by their places."""
    places = [str(place) for place in range(width)]
    reading = pyarrow.csv.ReadOptions(column_names=places, use_threads=False, block_size=len(records) + 1)
    parsing = pyarrow.csv.ParseOptions(delimiter=separator.decode(), newlines_in_values=True)
    converting = pyarrow.csv.ConvertOptions(
        include_columns=wanted, column_types=dict.fromkeys(wanted, pa.string()), strings_can_be_null=False
    )
    try:
        return pyarrow.csv.read_csv(pa.BufferReader(records), reading, parsing, converting)
    except pa.ArrowException:
        return None
