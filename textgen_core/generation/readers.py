"""Seed files: one reader a format, each giving a row's values as they stand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from textgen_core.datasets.parts import read_part
from textgen_core.errors import DatasetError, InputError
from textgen_core.generation.formats import seed_format
from textgen_core.generation.refusal import RAW_CHARACTERS, Refusal
from textgen_core.ingestion.compression import unpacked
from textgen_core.ingestion.encodings import utf8_blocks
from textgen_core.ingestion.framing import Frame, frames
from textgen_core.ingestion.readers.quoting import Fault, records_of, stretches
from textgen_core.ingestion.rows import SourceRefused

MAX_LINE = 1 << 24
"""Bytes of a line: far more than any model reads, little enough to hold."""
MAX_BYTES, MAX_RATIO = 1 << 36, 1000.0
"""What a packed file may unpack to, in bytes and in times its size, as ingestion has it."""
DEEPEST = 100
"""Levels of lists and objects in a JSON seed."""

Row = dict[str, Any] | Refusal


def read_txt(path: Path, prompt_column: str) -> Iterator[Row]:
    """A prompt a line; an empty line is an empty prompt."""
    for line in _lines(path):
        yield line if isinstance(line, Refusal) else {prompt_column: line}


def read_csv(path: Path, prompt_column: str) -> Iterator[Row]:
    """A header, then a seed a row; every cell is text, quoted ones may run over lines."""
    rows = _csv_rows(path, b"\t" if seed_format(path) == ".tsv" else b",")
    header = next(rows, [])
    if isinstance(header, Refusal) or len(set(header)) < len(header):
        received = header.message if isinstance(header, Refusal) else ", ".join(header)
        raise InputError("a csv file must begin with column names, each once", f"{path}: {received}", "Name them")
    for cells in rows:
        if isinstance(cells, Refusal):
            yield cells
        elif len(cells) == len(header):
            yield dict(zip(header, cells, strict=True))
        else:
            message = f"a row must have as many cells as the header; received: {len(cells)}, not {len(header)}"
            yield Refusal("wrong-cells", message, ",".join(cells))


def read_jsonl(path: Path, prompt_column: str) -> Iterator[Row]:
    """A JSON object a line."""
    for line in _lines(path):
        if isinstance(line, Refusal):
            yield line
        elif line.strip():
            yield _json_object(line)


def read_parquet(path: Path, prompt_column: str) -> Iterator[Row]:
    """A seed a row."""
    try:
        for batch in read_part(path, batch_rows=1000):
            yield from batch.to_pylist()
    except DatasetError as error:
        raise OSError(" ".join(str(error.received).removeprefix(f"{path}: ").split())) from None


SEED_READERS: dict[str, Callable[[Path, str], Iterator[Row]]] = {
    ".txt": read_txt,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".jsonl": read_jsonl,
    ".parquet": read_parquet,
}
"""By the suffix of the file."""


def _frames(path: Path) -> Iterator[Frame]:
    """Whole lines as UTF-8, unpacked, ended by LF. Bytes that are no character stay: by them their row is known."""
    with path.open("rb") as file:
        blocks = unpacked(file, path.stat().st_size, MAX_BYTES, MAX_RATIO)
        try:
            yield from frames(utf8_blocks(blocks, "auto", str(path)), b"\n", MAX_LINE)
        except SourceRefused as refused:
            beyond = f"it unpacks to more than {MAX_RATIO:,.0f} times its size. If you trust it, unpack it yourself"
            raise OSError(beyond if refused.reject.code == "too-large" else refused.reject.message) from None


def _lines(path: Path) -> Iterator[str | Refusal]:
    """Lines without their ends; one that is too long is refused."""
    for frame in _frames(path):
        if frame.too_long:
            yield _too_long(frame.content)
            continue
        lines = _text(frame.content).split("\n")
        yield from lines[:-1] if frame.content.endswith(b"\n") else lines


def _csv_rows(path: Path, separator: bytes) -> Iterator[list[str] | Refusal]:
    found = stretches(_frames(path), separator, MAX_LINE)
    records = (records_of(stretch, separator) if isinstance(stretch, bytes) else stretch for stretch in found)
    for record in chain.from_iterable(records):
        if not isinstance(record, Fault):
            yield [_text(value) for value in record]
        else:
            yield Refusal("bad-csv", record.message, _text(record.raw)) if record.message else _too_long(record.raw)


def _too_long(raw: bytes) -> Refusal:
    return Refusal("too-long", f"a line must have fewer than {MAX_LINE:,} bytes", _text(raw[:RAW_CHARACTERS]))


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _json_object(line: str) -> Row:
    try:
        value = json.loads(line, parse_constant=_refuse_constant)
    except RecursionError:
        return _too_deep(line)
    except ValueError as error:
        return Refusal("bad-json", f"a line must be a JSON object; received: {error!s:.100}", line)
    if line.count("[") + line.count("{") > DEEPEST and _deeper(value, DEEPEST):
        return _too_deep(line)
    if not isinstance(value, dict):
        return Refusal("bad-json", f"a line must be a JSON object; received: a {type(value).__name__}", line)
    return value


def _too_deep(line: str) -> Refusal:
    return Refusal("too-deep", f"JSON may be nested {DEEPEST} levels; received: more", line)


def _deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(_deeper(each, levels - 1) for each in inner)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
