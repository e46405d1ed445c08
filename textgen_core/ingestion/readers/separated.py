"""Comma- and tab-separated values with a header line, quoted as RFC 4180 says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice

import pyarrow as pa

from textgen_core.ingestion.framing import Frame, frames, pieces
from textgen_core.ingestion.readers.columns import TYPES, kept, narrowest
from textgen_core.ingestion.readers.interface import Content
from textgen_core.ingestion.readers.quoting import Fault, Record, Stretch, records_of, stretches
from textgen_core.ingestion.readers.records import Record as Fields
from textgen_core.ingestion.readers.records import rows_of
from textgen_core.ingestion.readers.separated_blocks import rows_of_records
from textgen_core.ingestion.readers.txt import too_long
from textgen_core.ingestion.rows import Reject, Rows, SourceRefused
from textgen_core.ingestion.settings import IngestionOptions

SAMPLE_ROWS = 10_000
PIECE_BYTES = 1 << 20
"""Lines that are read at once. If one of them is unusual all of these are read one by one."""


class SeparatedReader:
    """Rows of separated values; row 0 is the first after the header."""

    def __init__(self, separator: str) -> None:
        self._separator = separator.encode()

    def columns(self, content: Content, options: IngestionOptions) -> pa.Schema:
        """Types from the first rows."""
        header, stream = self._opened(content, options)
        if isinstance(header, Fault) or not header:
            return pa.schema([])  # rows() says why
        names = list(map(_text, header))
        records = chain.from_iterable(map(self._records, stream))
        sample = [record for record in islice(records, SAMPLE_ROWS) if isinstance(record, list)]
        fields = []
        for name in kept(names, options, content.name):
            place = names.index(name)
            values = [_text(record[place]) for record in sample if len(record) == len(names)]
            declared = options.column_types.get(name)
            fields.append(pa.field(name, TYPES[declared] if declared is not None else narrowest(values)))
        return pa.schema(fields)

    def rows(self, content: Content, options: IngestionOptions, own: pa.Schema) -> Iterator[Rows]:
        """Every row; one with another number of values than the header becomes a reject."""
        header, stream = self._opened(content, options)
        if isinstance(header, Fault):
            raise SourceRefused("bad-csv", f"the header must be well-formed. {header.message}")
        names = list(map(_text, header))
        row = 0
        for stretch in stream:
            rows = None
            if isinstance(stretch, bytes):
                rows = rows_of_records(stretch, row, self._separator, names, options, own)
            if rows is None:
                rows = self._one_by_one(self._records(stretch), row, names, options, own)
            row += rows.table.num_rows + len(rows.rejects)
            yield rows

    def _opened(self, content: Content, options: IngestionOptions) -> tuple[Record, Iterator[Stretch]]:
        """The header (no values where there is none), and what follows."""
        stream = stretches(_lines(content, options), self._separator, options.max_document_bytes)
        for stretch in stream:
            if records := self._records(stretch):
                return records[0], chain([records[1:]], stream)
        return [], iter(())

    def _records(self, stretch: Stretch) -> Sequence[Record]:
        return records_of(stretch, self._separator) if isinstance(stretch, bytes) else stretch

    def _one_by_one(
        self, records: Sequence[Record], first_row: int, names: list[str], options: IngestionOptions, own: pa.Schema
    ) -> Rows:
        text = names.index(options.text_column)
        places = [names.index(name) if name in names else None for name in own.names]
        fitting: list[Fields] = []
        rejects: list[Reject] = []
        for row, record in enumerate(records, first_row):
            if isinstance(record, Fault):
                rejects.append(
                    Reject(row, "bad-csv", record.message, record.raw)
                    if record.message
                    else too_long(row, record.raw, options)
                )
            elif len(record) != len(names):
                message = f"a row must have {len(names)} values, as the header; received: {len(record)}"
                rejects.append(Reject(row, "wrong-cells", message, self._separator.join(record)))
            else:
                values = [None if place is None else _text(record[place]) or None for place in places]
                fitting.append((row, _text(record[text]), values))
        return rows_of(fitting, rejects, own)


def _lines(content: Content, options: IngestionOptions) -> Iterator[Frame]:
    """Whole lines, about PIECE_BYTES at a time."""
    for frame in frames(content.blocks(), b"\n", options.max_document_bytes):
        if frame.too_long:
            yield frame
        else:
            yield from map(Frame, pieces(frame.content, b"\n", PIECE_BYTES))


def _text(value: bytes) -> str:
    """Bytes that are no UTF-8 become lone surrogates, by which their row is refused later."""
    return value.decode("utf-8", "surrogateescape")
