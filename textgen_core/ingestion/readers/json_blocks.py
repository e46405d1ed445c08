"""Many lines of JSON at once by pyarrow, wherever that is sure to give the rows that a line at a time would."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from textgen_core.ingestion.readers.records import no_text
from textgen_core.ingestion.rows import Rows, rows_schema
from textgen_core.ingestion.settings import IngestionOptions

SURE_TYPES = (pa.string(), pa.int64(), pa.float64(), pa.bool_())
"""Types of kept columns that pyarrow reads as Python does."""
SURE_BRACKETS = 200
"""A line with no more opening brackets is nested less deeply than any JSON reader refuses."""
EXACT = 2.0**53
"""From here on not every integer is a float."""


def rows_of_lines(lines: bytes, first_row: int, options: IngestionOptions, own: pa.Schema) -> Rows | None:
    """The rows of lines that all hold one object, as plainly written as JSON writers do; None of any others."""
    if not all(field.type in SURE_TYPES for field in own):
        return None
    content = np.frombuffer(lines if lines.endswith(b"\n") else lines + b"\n", np.uint8)
    count = _objects(content)
    table = _parsed(content, own, options.text_column) if count else None
    if table is None or table.num_rows != count:
        return None
    numbers = np.arange(first_row, first_row + count, dtype=np.int64)
    rows = pa.table([pa.array(numbers), *table.columns], schema=rows_schema(own)).combine_chunks()
    if not rows.column("text").null_count:
        return Rows(rows)
    empty = pc.is_null(rows.column("text"))
    return Rows(rows.filter(pc.invert(empty)), [no_text(int(row), None) for row in numbers[empty.to_numpy()]])


def _objects(content: npt.NDArray[np.uint8]) -> int:
    """How many lines there are, if each goes from { to } and is shallow, else 0.

    Where such lines parse, each is whole: inside an object, no { may follow upon a }.
    """
    ends = np.flatnonzero(content == ord("\n"))
    begins = np.append(0, ends[:-1] + 1)
    if not ((content[begins] == ord("{")) & (content[ends - 1] == ord("}"))).all():
        return 0
    opening = (content == ord("{")) | (content == ord("["))
    if np.count_nonzero(opening) > len(ends) + SURE_BRACKETS:
        per_line = np.add.reduceat(opening, begins, dtype=np.int64)
        return len(ends) if per_line.max() <= SURE_BRACKETS else 0
    return len(ends)


def _parsed(content: npt.NDArray[np.uint8], own: pa.Schema, text_column: str) -> pa.Table | None:
    """The text and the own columns, or None where a line or a value is not as expected."""
    names = [text_column, *own.names]
    schema = pa.schema([pa.field(text_column, pa.string()), *own])
    reading = pyarrow.json.ReadOptions(use_threads=False, block_size=len(content) + 1)
    parsing = pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    try:
        table = pyarrow.json.read_json(pa.BufferReader(pa.py_buffer(content)), reading, parsing).select(names)
        table.validate(full=True)
    except pa.ArrowException:
        return None
    floats = [table.column(field.name) for field in own if field.type == pa.float64()]
    return None if any(pc.any(pc.greater_equal(pc.abs(column), EXACT)).as_py() for column in floats) else table
