"""JSON lines: one object a line, with the text under a key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from textgen_core.ingestion.framing import frames, pieces
from textgen_core.ingestion.readers.columns import keeps_any, kept
from textgen_core.ingestion.readers.interface import Content
from textgen_core.ingestion.readers.json_blocks import rows_of_lines
from textgen_core.ingestion.readers.json_columns import Keys
from textgen_core.ingestion.readers.records import Record, rows_of
from textgen_core.ingestion.readers.txt import too_long
from textgen_core.ingestion.rows import Reject, Rows, rows_schema
from textgen_core.ingestion.settings import IngestionOptions

PIECE_BYTES = 1 << 20
"""Lines that are read at once. If one of them is unusual all of these are read one by one."""


class JsonlReader:
    """Objects, one a line; blank lines are none."""

    def columns(self, content: Content, options: IngestionOptions) -> pa.Schema:
        """Keys in order of appearance. Where columns are kept the whole source is read for them."""
        keys = Keys(content.name)
        for frame in frames(content.blocks(), b"\n", options.max_document_bytes):
            for piece in () if frame.too_long else pieces(frame.content, b"\n", PIECE_BYTES):
                keys.learn(piece, _objects(piece))
            if keys.names and not keeps_any(options):
                break
        return keys.schema(kept(keys.names, options, content.name), options) if keys.names else pa.schema([])

    def rows(self, content: Content, options: IngestionOptions, own: pa.Schema) -> Iterator[Rows]:
        """Every object; a line that is none becomes a reject."""
        row = 0
        for frame in frames(content.blocks(), b"\n", options.max_document_bytes):
            if frame.too_long:
                yield Rows(rows_schema(own).empty_table(), [too_long(row, frame.content, options)])
                row += 1
                continue
            for piece in pieces(frame.content, b"\n", PIECE_BYTES):
                yield rows_of_lines(piece, row, options, own) or _one_by_one(piece, row, options, own)
                row += piece.count(b"\n") + (not piece.endswith(b"\n"))


def _one_by_one(piece: bytes, row: int, options: IngestionOptions, own: pa.Schema) -> Rows:
    records: list[Record] = []
    rejects: list[Reject] = []
    for number, line in enumerate(piece.split(b"\n"), row):
        if not line.strip():
            continue
        value = parse(number, line)
        if isinstance(value, Reject):
            rejects.append(value)
        else:
            records.append((number, value.get(options.text_column), [value.get(name) for name in own.names]))
    return rows_of(records, rejects, own)


def _objects(piece: bytes) -> Iterator[dict[str, Any]]:
    values = (parse(0, line) for line in piece.split(b"\n"))
    return (value for value in values if isinstance(value, dict))


def parse(row: int, line: bytes) -> dict[str, Any] | Reject:
    """The object of a line, or why there is none."""
    try:
        value = json.loads(line)
    except UnicodeDecodeError as error:
        return Reject(row, "undecodable", f"a line must be UTF-8; received: {error.reason} at byte {error.start}", line)
    except RecursionError:
        return Reject(row, "too-deep", "JSON may be nested a few hundred levels; received: more", line)
    except ValueError as error:
        return Reject(row, "bad-json", f"a line must be one JSON object; received: {error}", line)
    if not isinstance(value, dict):
        return Reject(row, "bad-json", f"a line must be one JSON object; received: {type(value).__name__}", line)
    return value
