"""The seed file's own columns: which there are, and of which types."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from textgen_core.generation.formats import seed_format
from textgen_core.ingestion.numbers import EXACT, keeps_value

INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
LARGEST = 2**63

FROM_KINDS: dict[frozenset[str], pa.DataType] = {
    frozenset({"bool"}): pa.bool_(),
    frozenset({"int"}): pa.int64(),
    frozenset({"long"}): pa.int64(),
    frozenset({"int", "long"}): pa.int64(),
    frozenset({"float"}): pa.float64(),
    frozenset({"int", "float"}): pa.float64(),
}
"""A column's type from the kinds of its values; text for any other mixture."""


class Columns:
    """Learns columns from rows in which a value's type has to be guessed (csv) or may differ (jsonl)."""

    def __init__(self, cells: bool) -> None:
        self._kind = kind_of_cell if cells else kind_of_value
        self._kinds: dict[str, set[str]] = {}

    def see(self, row: Mapping[str, Any]) -> None:
        """One more row."""
        for name, value in row.items():
            self._kinds.setdefault(name, set()).add(self._kind(value))

    def schema(self) -> pa.Schema:
        """All columns seen, in the order in which they came."""
        kinds = {name: frozenset(kinds - {"none"}) for name, kinds in self._kinds.items()}
        return pa.schema([(name, FROM_KINDS.get(found, pa.string())) for name, found in kinds.items()])


def kind_of_cell(cell: str) -> str:
    """A csv cell's. Leading zeros make it text, and so do more digits than a float keeps: 3.10 is as good as 3.1."""
    if cell == "":
        return "none"
    if INTEGER.fullmatch(cell):
        return _kind_of_integer(int(cell))
    if not NUMBER.fullmatch(cell) or re.match(r"-?0[0-9]", cell):
        return "text"
    return "float" if keeps_value(cell) else "text"


def kind_of_value(value: Any) -> str:
    """A JSON value's."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return _kind_of_integer(value)
    return "float" if isinstance(value, float) else "text"


def _kind_of_integer(value: int) -> str:
    """A long one would lose digits among floats, and text has room for what is longer."""
    if -EXACT <= value <= EXACT:
        return "int"
    return "long" if -LARGEST <= value < LARGEST else "text"


def own_schema(path: Path, guessed: Columns) -> pa.Schema:
    """The columns of a seed file: a parquet file says it, of others it was guessed."""
    return pq.read_schema(path).remove_metadata() if seed_format(path) == ".parquet" else guessed.schema()


def caster(kind: pa.DataType) -> Callable[[Any], Any]:
    """The function that turns a value as read into one that a column of this type takes."""
    if pa.types.is_string(kind):
        return lambda value: value if value is None or isinstance(value, str) else json.dumps(value)
    if pa.types.is_integer(kind):
        return lambda value: None if value in (None, "") else int(value)
    if pa.types.is_floating(kind):
        return lambda value: None if value in (None, "") else float(value)
    return lambda value: value
