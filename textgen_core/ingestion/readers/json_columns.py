"""Which keys the objects of a source have, and the types that hold their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from textgen_core.errors import InputError
from textgen_core.ingestion.readers.columns import TYPES, wider
from textgen_core.ingestion.readers.json_blocks import schema_of_lines
from textgen_core.ingestion.settings import IngestionOptions

MOST_KEYS = 1000
"""More are data that stand where names should, and no columns."""
MIXED = "types that no column holds"
DEEPEST = 50
"""Levels of objects and lists in a column. Deeper ones are trees, and hard on whoever reads the dataset."""


class Keys:
    """Learns the keys of a source from all of its objects, so that one that comes late is not lost.

    A key's type is that of its first values. Integers give way to floats, and objects to such with more keys; a later
    value that does not fit is left to the rows, which refuse it.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._types: dict[str, pa.DataType | str] = {}

    @property
    def names(self) -> list[str]:
        """Names of the fields met so far, in the order in which they appeared."""
        return list(self._types)

    def learn(self, lines: bytes, objects: Iterable[Mapping[str, Any]]) -> None:
        """Take in some lines; their objects are only looked at where the lines can't be read at once.

        Raises:
            InputError: there are too many keys.
        """
        schema = schema_of_lines(lines)
        found = dict(zip(schema.names, schema.types, strict=True)) if schema is not None else _types(objects)
        for name, kind in found.items():
            kind = kind if isinstance(kind, str) else _storable(kind)
            known = self._types.setdefault(name, kind)
            if known == pa.null():
                self._types[name] = kind
            elif not isinstance(known, str) and not isinstance(kind, str):
                self._types[name] = wider(known, kind)
        if len(self._types) > MOST_KEYS:
            raise InputError(
                f"the objects of a source may have {MOST_KEYS:,} keys",
                f"{self._source}, which has more: {', '.join(map(repr, self.names[:5]))} and so on",
                "Name those to keep in keep_columns",
            )

    def schema(self, names: Iterable[str], options: IngestionOptions) -> pa.Schema:
        """The columns that are kept, of the types declared or learnt.

        Raises:
            InputError: one of them mixes types.
        """
        return pa.schema([pa.field(name, self._type(name, options)) for name in names])

    def _type(self, name: str, options: IngestionOptions) -> pa.DataType:
        if name in options.column_types:
            return TYPES[options.column_types[name]]
        kind = self._types[name]
        if isinstance(kind, str):
            raise InputError(
                "a kept column must have one type",
                f"{name!r} of {self._source}, which mixes types or is nested too deeply",
                f"Set column_types to {{{name}: string}}, or don't keep it",
            )
        return pa.string() if kind == pa.null() else kind


def _types(objects: Iterable[Mapping[str, Any]]) -> dict[str, pa.DataType | str]:
    values: dict[str, list[Any]] = {}
    for item in objects:
        for name, value in item.items():
            values.setdefault(name, []).append(value)
    return {name: _type_of(found) for name, found in values.items()}


def _type_of(values: list[Any]) -> pa.DataType | str:
    try:
        kind = pa.array(values).type
    except (pa.ArrowException, OverflowError, UnicodeError, RecursionError):
        return MIXED
    layer, depth = [kind], 0
    while layer and depth <= DEEPEST:
        layer = [each.field(index).type for each in layer for index in range(each.num_fields)]
        depth += 1
    return MIXED if layer else kind


def _storable(kind: pa.DataType) -> pa.DataType:
    """Without times, which JSON has as strings, and objects that have no keys, which Parquet can't store."""
    if pa.types.is_temporal(kind):
        return pa.string()
    if pa.types.is_list(kind):
        return pa.list_(_storable(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(field.name, _storable(field.type)) for field in kind]) if len(kind) else pa.null()
    return kind
