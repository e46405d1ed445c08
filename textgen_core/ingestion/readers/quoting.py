"""Separated values, quoted as RFC 4180 says: cutting a text into records, also where its quotes are wrong.

A quote that opens at a value's start may span lines; inside it a quote is doubled. Anywhere else a quote is a character
like others. Where a quote is never closed, or goes on after it was closed, only the line in which it opens is refused:
the next line is a record of its own again, so that one stray quote does not swallow what follows.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from textgen_core.ingestion.framing import Frame

BATCH_RECORDS = 10_000
QUOTE, LINE_END = ord('"'), ord("\n")


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that is no record.

    Attributes:
        message: the rule, what was received and the remedy; empty where the line is beyond max_document_bytes.
        raw: its beginning.
    """

    message: str
    raw: bytes


Record = list[bytes] | Fault
"""The values of a record, or what is wrong with a line."""

Stretch = bytes | Sequence[Record]
"""Whole records in plain order, still to be parsed, or records that had to be looked at one by one."""


class OpenQuote(Exception):  # noqa: N818 - a record on its way, not an error of the program
    """A quote is open where the text ends."""


class StrayQuote(Exception):  # noqa: N818
    """Something other than a separator or a line's end follows upon a closing quote."""


def stretches(lines: Iterable[Frame], separator: bytes, limit: int) -> Iterator[Stretch]:
    """All records of a text that comes in whole lines; a quoted value has at most `limit` bytes."""
    held: list[bytes] = []  # first a record whose quote is open, then what came after
    for frame in lines:
        if not frame.too_long:
            held.append(frame.content if frame.content.endswith(b"\n") else frame.content + b"\n")
            if not _worth_a_look(held, limit):
                continue
        rest = yield from _cut(b"".join(held), separator, ended=frame.too_long)
        if len(rest) > limit:
            rest = yield from _cut(rest, separator, ended=True)
        held = [rest] if rest else []
        if frame.too_long:
            yield [Fault("", frame.content)]
    yield from _cut(b"".join(held), separator, ended=True)


def _worth_a_look(held: list[bytes], limit: int) -> bool:
    """Whether an open quote may have been closed; looked at when twice as much has come, so that all takes n steps."""
    sizes = [len(piece) for piece in held]
    if len(held) == 1 or sum(sizes) > limit:
        return True
    return sum(sizes[1:]) >= sizes[0] and any(b'"' in piece for piece in held[1:])


def _cut(text: bytes, separator: bytes, ended: bool) -> Generator[Stretch, None, bytes]:
    """The records of a text; returns the one whose quote is still open, which there is none of where the text ended."""
    if (end := _plain_until(text, separator)) is not None:
        if end:
            yield text[:end]
        text = text[end:]
    start, records = 0, []
    while start < len(text):
        try:
            record, start = _record_at(text, start, separator)
        except OpenQuote:
            if not ended:
                break
            record, start = _refused_line(text, start, "a quote that is never closed")
        except StrayQuote:
            record, start = _refused_line(text, start, "a quote that goes on behind its end")
        if record:
            records.append(record)
        if len(records) == BATCH_RECORDS:
            yield records
            records = []
    if records:
        yield records
    return text[start:]


def records_of(plain: bytes, separator: bytes) -> list[Record]:
    """The records of a plain stretch."""
    start, records = 0, []
    while start < len(plain):
        record, start = _record_at(plain, start, separator)
        if record:
            records.append(record)
    return records


def _plain_until(text: bytes, separator: bytes) -> int | None:
    """Where the last whole record ends, if every quote is where it should be; else None."""
    content = np.frombuffer(text, np.uint8)
    quotes = np.flatnonzero(content == QUOTE)
    if not len(quotes):
        return len(text)
    beside = [separator[0], LINE_END, QUOTE]
    opening, closing = quotes[0::2], quotes[1::2]
    before = content[opening[opening > 0] - 1]  # a quote beside a quote is a doubled one
    if not (np.isin(before, beside).all() and np.isin(content[closing + 1], beside).all()):
        return None
    if len(quotes) % 2 == 0:
        return len(text)
    ends = np.flatnonzero(content[: quotes[-1]] == LINE_END)
    outside = ends[np.searchsorted(quotes, ends) % 2 == 0]
    return int(outside[-1]) + 1 if len(outside) else 0


def _record_at(text: bytes, start: int, separator: bytes) -> tuple[Record, int]:
    """The record that begins at start, without values where the line is empty, and where the next one begins.

    Raises:
        OpenQuote, StrayQuote: it is none.
    """
    if text[start] == LINE_END:
        return [], start + 1
    values: list[bytes] = []
    while True:
        value, end = (_quoted if text[start] == QUOTE else _unquoted)(text, start, separator)
        values.append(value)
        if text[end] == LINE_END:
            return values, end + 1
        if text[end] != separator[0]:
            raise StrayQuote
        start = end + 1


def _quoted(text: bytes, start: int, separator: bytes) -> tuple[bytes, int]:
    end = start + 1
    while (end := text.find(b'"', end)) >= 0 and text[end + 1] == QUOTE:
        end += 2
    if end < 0:
        raise OpenQuote
    return text[start + 1 : end].replace(b'""', b'"'), end + 1


def _unquoted(text: bytes, start: int, separator: bytes) -> tuple[bytes, int]:
    line_end = text.index(b"\n", start)
    end = text.find(separator, start, line_end)
    end = line_end if end < 0 else end
    return text[start:end], end


def _refused_line(text: bytes, start: int, received: str) -> tuple[Fault, int]:
    end = text.index(b"\n", start)
    message = (
        f"a quoted value must end with a quote, then a separator or the line's end; received: {received}. "
        "Double the quotes inside quoted values; the lines that follow are read on their own"
    )
    return Fault(message, text[start : min(end, start + 1024)]), end + 1
