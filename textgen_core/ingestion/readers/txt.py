"""Plain text: a document is the file, a paragraph, a line, or what lies between delimiters."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textgen_core.ingestion.framing import frames
from textgen_core.ingestion.readers.interface import Content
from textgen_core.ingestion.rows import Reject, Rows, rows_schema
from textgen_core.ingestion.settings import IngestionOptions

PARAGRAPH = b"\n\n"
FILE = b"\xff\xff\xff\xff"  # in no text, so that a file is one frame
_BLANK_LINES = rb"\n(?:[ \t]*\n)+"
_LEADING_BLANK_LINES = re.compile(rb"(?:[ \t]*\n)*")


class TxtReader:
    """Documents of plain text. Blank units are none; of lines and delimited units they have a number."""

    def columns(self, content: Content, options: IngestionOptions) -> pa.Schema:
        """Plain text has no columns."""
        return pa.schema([])

    def rows(self, content: Content, options: IngestionOptions, own: pa.Schema) -> Iterator[Rows]:
        """Every unit."""
        separator = {
            "file": FILE,
            "paragraph": PARAGRAPH,
            "line": b"\n",
            "delimiter": options.delimiter.encode(),
        }[options.unit]
        row = 0
        for frame in frames(content.blocks(), separator, options.max_document_bytes):
            if frame.too_long:
                yield Rows(rows_schema(own).empty_table(), [too_long(row, frame.content, options)])
                row += 1
                continue
            texts, rejects, row = _cut(frame.content, separator, row)
            yield _rows(texts, rejects, own)


def too_long(row: int, raw: bytes, options: IngestionOptions) -> Reject:
    """The reject of a document beyond max_document_bytes."""
    message = (
        f"a document may have {options.max_document_bytes:,} bytes; received: more. Cut it, or raise max_document_bytes"
    )
    return Reject(row, "too-long", message, raw)


def _cut(content: bytes, separator: bytes, row: int) -> tuple[tuple[pa.Array, pa.Array], list[Reject], int]:
    """((row numbers, texts), rejects, the next row number)."""
    if separator == PARAGRAPH:
        content = content[_LEADING_BLANK_LINES.match(content).end() :]  # type: ignore[union-attr]
    whole = _utf8(content)
    if whole is None:
        return _cut_damaged(content, separator, row)
    if separator == PARAGRAPH:
        units = pc.utf8_trim(pc.split_pattern_regex(whole, _BLANK_LINES.decode()).flatten(), "\n")
        units = units.filter(pc.not_equal(units, ""))
        return (_numbers(row, len(units)), units), [], row + len(units)
    units = pc.split_pattern(whole, separator.decode()).flatten() if separator != FILE else whole
    if content.endswith(separator):
        units = units.slice(0, len(units) - 1)
    numbers, filled = _numbers(row, len(units)), pc.not_equal(pc.utf8_trim_whitespace(units), "")
    return (numbers.filter(filled), units.filter(filled)), [], row + len(units)


def _cut_damaged(content: bytes, separator: bytes, row: int) -> tuple[tuple[pa.Array, pa.Array], list[Reject], int]:
    """What _cut gives, taken unit by unit: those that are no UTF-8 become rejects."""
    if separator == PARAGRAPH:
        pieces = [piece for piece in (unit.strip(b"\n") for unit in re.split(_BLANK_LINES, content)) if piece]
    else:
        pieces = content.split(separator)
        pieces = pieces[:-1] if content.endswith(separator) else pieces
    numbers, texts, rejects = [], [], []
    for number, piece in enumerate(pieces, row):
        try:
            text = piece.decode()
        except UnicodeDecodeError as error:
            rejects.append(undecodable(number, piece, error))
            continue
        if text.strip():
            texts.append(text)
            numbers.append(number)
    return (pa.array(numbers, pa.int64()), pa.array(texts, pa.string())), rejects, row + len(pieces)


def undecodable(row: int, raw: bytes, error: UnicodeDecodeError) -> Reject:
    """The reject of a text with bytes that are no character."""
    message = f"text must be decodable; received: {error.reason} at byte {error.start}. Name its encoding, or mend it"
    return Reject(row, "undecodable", message, raw[max(0, error.start - 100) :])


def _utf8(content: bytes) -> pa.Array | None:
    """One string without a copy, or None where the bytes are no UTF-8."""
    offsets = pa.py_buffer(np.array([0, len(content)], np.int32))
    whole = pa.StringArray.from_buffers(1, offsets, pa.py_buffer(content))
    try:
        whole.validate(full=True)
    except pa.ArrowInvalid:
        return None
    return whole


def _numbers(first: int, count: int) -> pa.Array:
    return pa.array(np.arange(first, first + count, dtype=np.int64))


def _rows(cut: tuple[pa.Array, pa.Array], rejects: list[Reject], own: pa.Schema) -> Rows:
    numbers, texts = cut
    nulls = [pa.nulls(len(texts), field.type) for field in own]
    return Rows(pa.table([numbers, texts, *nulls], schema=rows_schema(own)), rejects)
