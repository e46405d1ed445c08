"""What a reader is. Each format keeps it: txt, jsonl, csv, tsv, parquet, python-docs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import pyarrow as pa

from textgen_core.ingestion.compression import unpacked
from textgen_core.ingestion.encodings import utf8_blocks
from textgen_core.ingestion.rows import Rows
from textgen_core.ingestion.settings import IngestionOptions
from textgen_core.ingestion.sources import Source


class Content(Protocol):
    """What one source holds. May be read more than once."""

    @property
    def name(self) -> str:
        """The source's name, for messages."""

    def blocks(self) -> Iterator[bytes]:
        """The text, unpacked, as UTF-8 with plain line feeds; what could not be decoded is no UTF-8."""

    def open(self) -> BinaryIO:
        """The bytes as stored, seekable."""


class Reader(Protocol):
    """Makes rows of text of one format. Stateless."""

    def columns(self, content: Content, options: IngestionOptions) -> pa.Schema:
        """The kept columns that the source has, with types declared or inferred from its first rows.

        Raises:
            InputError: the text column is not there.
            SourceRefused: the source can't be read at all.
        """

    def rows(self, content: Content, options: IngestionOptions, own: pa.Schema) -> Iterator[Rows]:
        """Every row, in order: in a table with the columns own (null where the source has none), or as a reject.

        Raises:
            SourceRefused: the rest can't be read.
        """


@dataclass(frozen=True, slots=True)
class SourceContent:
    """The content of a file or URL, within the limits of the options."""

    source: Source
    options: IngestionOptions
    quiet: bool = False
    """Whether a guess of the encoding is kept to itself: of the two times that a source is read, once is enough."""

    @property
    def name(self) -> str:
        """The source's name, for messages."""
        return self.source.name

    def blocks(self) -> Iterator[bytes]:
        """The text, unpacked, as UTF-8."""
        with self.source.open() as file:
            packed = unpacked(file, self.source.size, self.options.max_source_bytes, self.options.max_compression_ratio)
            yield from utf8_blocks(packed, self.options.encoding, "" if self.quiet else self.name)

    def open(self) -> BinaryIO:
        """The bytes as stored."""
        return self.source.open()


@dataclass(frozen=True, slots=True)
class MemoryContent:
    """Content that lies in memory, for tests, documentation and benchmarks."""

    name: str
    stored: bytes
    encoding: str = "auto"

    def blocks(self) -> Iterator[bytes]:
        """The text as UTF-8."""
        return utf8_blocks(iter([self.stored]), self.encoding)

    def open(self) -> BinaryIO:
        """The bytes as stored."""
        return pa.BufferReader(self.stored)  # type: ignore[no-any-return]
