"""Many lines of JSON at once by pyarrow, wherever that is sure to give what a line at a time would."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from textgen_core.ingestion.numbers import EXACT
from textgen_core.ingestion.readers.records import no_text
from textgen_core.ingestion.rows import Rows, rows_schema
from textgen_core.ingestion.settings import IngestionOptions

SURE_TYPES = (pa.string(), pa.int64(), pa.float64(), pa.bool_())
"""Types of kept columns that pyarrow reads as Python does."""
SURE_BRACKETS = 200
"""A line with no more opening brackets is nested less deeply than any JSON reader refuses."""


def rows_of_lines(lines: bytes, first_row: int, options: IngestionOptions, own: pa.Schema) -> Rows | None:
    """The rows of lines that all hold one object, as plainly written as JSON writers do; None of any others."""
    if not all(field.type in SURE_TYPES for field in own):
        return None
    schema = pa.schema([pa.field(options.text_column, pa.string()), *own])
    if (table := _parsed(lines, schema)) is None or not _is_exact(table, own):
        return None
    numbers = np.arange(first_row, first_row + table.num_rows, dtype=np.int64)
    rows = pa.table([pa.array(numbers), *table.columns], schema=rows_schema(own)).combine_chunks()
    if not rows.column("text").null_count:
        return Rows(rows)
    empty = pc.is_null(rows.column("text"))
    return Rows(rows.filter(pc.invert(empty)), [no_text(int(row), None) for row in numbers[empty.to_numpy()]])


def schema_of_lines(lines: bytes) -> pa.Schema | None:
    """All keys of the objects, with the types that hold all their values; None where pyarrow finds none."""
    table = _parsed(lines, None)
    return None if table is None else table.schema


def _parsed(lines: bytes, schema: pa.Schema | None) -> pa.Table | None:
    """The keys in the schema, or all; None unless there is one object a line, and each value is as expected."""
    content = np.frombuffer(lines if lines.endswith(b"\n") else lines + b"\n", np.uint8)
    count = _objects(content)
    reading = pyarrow.json.ReadOptions(use_threads=False, block_size=len(content) + 1)
    beyond = "infer" if schema is None else "ignore"
    parsing = pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior=beyond)
    try:
        table = pyarrow.json.read_json(pa.BufferReader(pa.py_buffer(content)), reading, parsing) if count else None
        if table is None or table.num_rows != count:
            return None
        table = table if schema is None else table.select(schema.names)
        table.validate(full=True)
    except pa.ArrowException:
        return None
    return table


def _is_exact(table: pa.Table, own: pa.Schema) -> bool:
    """Whether no float may stand for an integer that it is not."""
    floats = [table.column(field.name) for field in own if field.type == pa.float64()]
    return not any(pc.any(pc.greater_equal(pc.abs(column), EXACT)).as_py() for column in floats)


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
