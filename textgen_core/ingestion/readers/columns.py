"""Kept columns: which a source has, and their types."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from textgen_core.errors import InputError
from textgen_core.ingestion.numbers import EXACT, is_integer, keeps_value
from textgen_core.ingestion.settings import IngestionOptions

TYPES = {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "bool": pa.bool_()}


def kept(names: Iterable[str], options: IngestionOptions, source: str) -> list[str]:
    """The columns of a source that are kept besides its text.

    Raises:
        InputError: the text column is not among names, a name is there twice, or one that is kept is no text.
    """
    names = list(names)
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        received = f"{', '.join(map(repr, twice))} twice in {source}"
        raise InputError("each column must have its own name", received, "Rename one")
    if options.text_column not in names:
        raise InputError(
            "the text column must be in the source",
            f"text_column {options.text_column!r}, where {source} has {', '.join(map(repr, names)) or 'none'}",
            "Set text_column to one of these",
        )
    wanted = names if options.keep_columns == "all" else options.keep_columns
    if options.split.method == "column" and options.split.column not in wanted:
        wanted = [*wanted, options.split.column]
    return [_encodable(name, source) for name in wanted if name in names and name != options.text_column]


def _encodable(name: str, source: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError:
        raise InputError(
            "a kept column's name must consist of characters",
            f"{name!r} in {source}, which holds half of one or a byte that is none",
            "Name the encoding, or the columns to keep in keep_columns",
        ) from None
    return name


def keeps_any(options: IngestionOptions) -> bool:
    """Whether a source's columns besides its text matter."""
    return bool(options.keep_columns) or options.split.method == "column"


def output_columns(own: pa.Schema, options: IngestionOptions) -> pa.Schema:
    """The own columns that the documents dataset gets: all but a split column that was not asked for by name."""
    column = options.split.column
    if options.split.method != "column" or (column in options.keep_columns and column != "split"):
        return own
    return pa.schema([field for field in own if field.name != column])


def unified(schemas: Mapping[str, pa.Schema], options: IngestionOptions) -> pa.Schema:
    """One schema of own columns for all sources, by source name; integers give way to floats.

    Raises:
        InputError: two sources disagree, or no source has a column that is to be kept.
    """
    total = pa.schema([])
    for source, schema in schemas.items():
        try:
            total = pa.unify_schemas([total, schema], promote_options="permissive")
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise InputError(
                "a kept column must have one type in all sources",
                f"{source}: {error}",
                "Declare its type in column_types",
            ) from None
    wanted = [] if options.keep_columns == "all" else list(options.keep_columns)
    wanted += [options.split.column] if options.split.method == "column" else []
    if missing := [name for name in wanted if name not in total.names]:
        raise InputError(
            "a kept column must be in a source",
            f"{', '.join(map(repr, missing))}, where the sources have {', '.join(map(repr, total.names)) or 'none'}",
            "Correct keep_columns or split.column",
        )
    ordered = [name for name in wanted if name in total.names]
    return pa.schema([total.field(name) for name in dict.fromkeys([*ordered, *total.names])])


def narrowest(values: Sequence[str]) -> pa.DataType:
    """int64, float64, bool or string: the first that keeps the value of every non-empty text, if not its spelling: 3.10
    is as good as 3.1. Integers too long for int64, or beside fractions for a float, are text as they stand."""
    filled = pa.array([value for value in values if value], pa.string())
    if not len(filled) or pc.any(pc.match_substring_regex(filled, r"^[+-]?0[0-9]")).as_py():
        return pa.string()  # 007 is a code, not a number
    if pc.all(pc.match_substring_regex(filled, r"^-?[0-9]+$")).as_py():
        return pa.int64() if _fits(filled, pa.int64()) else pa.string()
    if pc.all(pc.match_substring_regex(filled, r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$")).as_py():
        return pa.float64() if all(map(_is_float, filled.to_pylist())) else pa.string()
    if pc.all(pc.match_substring_regex(filled, r"^(?:true|false|True|False|TRUE|FALSE)$")).as_py():
        return pa.bool_()
    return pa.string()


def converted(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Values of Python as a column; of strings, what they spell. Left to itself pyarrow makes 0 of 0.5 for integers.

    Raises:
        pa.ArrowException, OverflowError, ValueError, TypeError: a value has no such form, or would lose by it.
    """
    if pa.types.is_string(kind):
        return pa.array(
            [v if v is None or isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in values], kind
        )
    found = pa.array(values)
    if pa.types.is_string(found.type):
        return spelt(found, kind)
    if pa.types.is_nested(found.type):
        if wider(kind, found.type) != kind:
            raise TypeError(f"{found.type} is no {kind}")
        return pa.array(values, kind)
    if pa.types.is_boolean(found.type) != pa.types.is_boolean(kind) and not pa.types.is_null(found.type):
        raise TypeError(f"{found.type} is no {kind}")
    return found.cast(kind)


def spelt(strings: pa.Array | pa.ChunkedArray, kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    """What strings spell; empty ones are null.

    Raises:
        pa.ArrowInvalid: one spells no such value, or an integer that is no float.
    """
    values = pc.if_else(pc.equal(strings, ""), None, strings).cast(kind)
    if pa.types.is_floating(kind):
        long = strings.filter(pc.greater_equal(pc.abs(values), EXACT)).to_pylist()
        if lost := next((cell for cell in long if is_integer(cell) and not keeps_value(cell)), None):
            raise pa.ArrowInvalid(f"{lost} is no {kind}")
    return values


def _fits(strings: pa.Array, kind: pa.DataType) -> bool:
    try:
        spelt(strings, kind)
    except pa.ArrowInvalid:
        return False
    return True


def _is_float(cell: str) -> bool:
    """Whether a number may stand in a column of floats: a long integer may only by chance be one, as ids are."""
    return keeps_value(cell) and not (is_integer(cell) and abs(int(cell)) > EXACT)


def wider(known: pa.DataType, kind: pa.DataType) -> pa.DataType:
    """A type for the values of both, or the one known where there is none."""
    schemas = [pa.schema([pa.field("x", each)]) for each in (known, kind)]
    try:
        return pa.unify_schemas(schemas, promote_options="permissive").field(0).type
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return known
