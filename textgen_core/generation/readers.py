"""Seed files: one reader a format, each giving a row's values as they stand."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from textgen_core.datasets.parts import read_part
from textgen_core.errors import InputError
from textgen_core.generation.refusal import RAW_CHARACTERS, Refusal

MAX_LINE = 1 << 24
"""Characters of a line: far more than any model reads, little enough to hold."""

Row = dict[str, Any] | Refusal


def read_txt(path: Path, prompt_column: str) -> Iterator[Row]:
    """A prompt a line; an empty line is an empty prompt."""
    with _open(path) as file:
        for line in _lines(file):
            yield line if isinstance(line, Refusal) else {prompt_column: line.removesuffix("\n").removesuffix("\r")}


def read_csv(path: Path, prompt_column: str) -> Iterator[Row]:
    """A header, then a seed a row; every cell is text, quoted ones may run over lines."""
    csv.field_size_limit(MAX_LINE)
    with _open(path) as file:
        dialect = csv.excel_tab if path.suffix.lower() == ".tsv" else csv.excel
        rows = _csv_rows(csv.reader(_csv_lines(file, path), dialect))
        header = next(rows, [])
        if isinstance(header, Refusal) or len(set(header)) < len(header):
            raise InputError("a csv file must begin with column names, each once", f"{path}: {header}", "Name them")
        for cells in rows:
            if isinstance(cells, Refusal):
                yield cells
            elif len(cells) == len(header):
                yield dict(zip(header, cells, strict=True))
            elif cells:
                message = f"a row must have as many cells as the header; received: {len(cells)}, not {len(header)}"
                yield Refusal("wrong-cells", message, ",".join(cells))


def read_jsonl(path: Path, prompt_column: str) -> Iterator[Row]:
    """A JSON object a line."""
    with _open(path) as file:
        for line in _lines(file):
            if isinstance(line, Refusal):
                yield line
            elif line.strip():
                yield _json_object(line)


def read_parquet(path: Path, prompt_column: str) -> Iterator[Row]:
    """A seed a row."""
    for batch in read_part(path, batch_rows=1000):
        yield from batch.to_pylist()


SEED_READERS: dict[str, Callable[[Path, str], Iterator[Row]]] = {
    ".txt": read_txt,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".jsonl": read_jsonl,
    ".parquet": read_parquet,
}
"""By the suffix of the file."""


def _open(path: Path) -> TextIO:
    """As UTF-8, or UTF-16 where a byte order mark says so. Only LF ends a line; bytes that are no UTF-8 become lone
    surrogates, by which their row is known later."""
    with path.open("rb") as file:
        head = file.read(2)
    if head in (b"\xff\xfe", b"\xfe\xff"):
        return path.open(encoding="utf-16", newline="\n")
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="\n")


def _lines(file: TextIO) -> Iterator[str | Refusal]:
    """Lines with their ends; one that is too long is refused and skipped."""
    while line := file.readline(MAX_LINE):
        if len(line) < MAX_LINE or line.endswith("\n"):
            yield line
            continue
        yield Refusal("too-long-line", f"a line must have fewer than {MAX_LINE:,} characters", line[:RAW_CHARACTERS])
        while (rest := file.readline(MAX_LINE)) and not rest.endswith("\n"):
            pass


def _csv_lines(file: TextIO, path: Path) -> Iterator[str]:
    for number, line in enumerate(_lines(file)):
        if isinstance(line, Refusal):
            raise InputError(line.message, f"{path}, line {number + 1}", "Is it a csv file, and are its quotes closed?")
        yield line


def _csv_rows(rows: Iterator[list[str]]) -> Iterator[list[str] | Refusal]:
    while True:
        try:
            cells = next(rows, None)
        except csv.Error as error:
            yield Refusal("invalid-csv", f"a row must be well-formed csv; received: {error}", "")
            continue
        if cells is None:
            return
        yield cells


def _json_object(line: str) -> Row:
    try:
        value = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return Refusal("invalid-json", f"a line must be a JSON object; received: {error!s:.100}", line)
    if not isinstance(value, dict):
        return Refusal("invalid-json", f"a line must be a JSON object; received: a {type(value).__name__}", line)
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
