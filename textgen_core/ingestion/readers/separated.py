"""Comma- and tab-separated values with a header line, quoted as RFC 4180 says."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice

import pyarrow as pa

from textgen_core.ingestion.framing import frames
from textgen_core.ingestion.readers.columns import TYPES, kept, narrowest
from textgen_core.ingestion.readers.interface import Content
from textgen_core.ingestion.readers.records import Record, rows_of
from textgen_core.ingestion.readers.txt import too_long
from textgen_core.ingestion.rows import Reject, Rows, SourceRefused
from textgen_core.ingestion.settings import IngestionOptions

SAMPLE_ROWS = 10_000
BATCH_ROWS = 10_000
TOO_LONG = "a line beyond max_document_bytes"


class SeparatedReader:
    """Rows of separated values; row 0 is the first after the header."""

    def __init__(self, separator: str) -> None:
        self._separator = separator

    def columns(self, content: Content, options: IngestionOptions) -> pa.Schema:
        """Types from the first rows."""
        stream = self._values(content, options)
        header = next(stream, None)
        if not isinstance(header, list):
            return pa.schema([])
        names = kept(header, options, content.name)
        sample = [values for values in islice(stream, SAMPLE_ROWS) if isinstance(values, list)]
        sample = [values for values in sample if len(values) == len(header)]
        return pa.schema(
            [
                pa.field(
                    name,
                    TYPES[options.column_types[name]]
                    if name in options.column_types
                    else narrowest([values[header.index(name)] for values in sample]),
                )
                for name in names
            ]
        )

    def rows(self, content: Content, options: IngestionOptions, own: pa.Schema) -> Iterator[Rows]:
        """Every row; one with another number of values than the header becomes a reject."""
        stream = enumerate(self._values(content, options), -1)
        _, header = next(stream, (-1, None))
        if header is None:
            return
        if isinstance(header, str):
            raise SourceRefused("bad-row", f"the header must be well-formed; received: {header}")
        text = header.index(options.text_column)
        places = [header.index(name) if name in header else None for name in own.names]
        while batch := list(islice(stream, BATCH_ROWS)):
            records: list[Record] = []
            rejects: list[Reject] = []
            for row, values in batch:
                if values == TOO_LONG:
                    rejects.append(too_long(row, b"", options))
                elif isinstance(values, str):
                    rejects.append(Reject(row, "bad-row", f"a row must be well-formed; received: {values}"))
                elif len(values) != len(header):
                    message = f"a row must have {len(header)} values, as the header; received: {len(values)}"
                    raw = self._separator.join(values).encode("utf-8", "surrogateescape")
                    rejects.append(Reject(row, "bad-row", message, raw))
                else:
                    own_values = [None if place is None else values[place] or None for place in places]
                    records.append((row, values[text], own_values))
            yield rows_of(records, rejects, own)

    def _values(self, content: Content, options: IngestionOptions) -> Iterator[list[str] | str]:
        """The values of each row, or what is wrong with it; blank lines are none."""
        csv.field_size_limit(options.max_document_bytes)
        rows = csv.reader(_Lines(content, options), delimiter=self._separator, strict=True)
        while True:
            try:
                values = next(rows)
            except StopIteration:
                return
            except _TooLong:
                yield TOO_LONG
            except csv.Error as error:
                yield TOO_LONG if "field limit" in str(error) else str(error)
            else:
                if values:
                    yield values


class _TooLong(csv.Error):
    """A line beyond max_document_bytes."""


class _Lines:
    """The lines of a text for csv.reader. Unlike a generator it goes on after it has raised."""

    def __init__(self, content: Content, options: IngestionOptions) -> None:
        self._frames = frames(content.blocks(), b"\n", options.max_document_bytes)
        self._lines: Iterator[str] = iter(())

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        while (line := next(self._lines, None)) is None:
            frame = next(self._frames)
            if frame.too_long:
                raise _TooLong
            lines = frame.content.decode("utf-8", "surrogateescape").split("\n")
            self._lines = iter(lines[:-1] if frame.content.endswith(b"\n") else lines)
        return line + "\n"
