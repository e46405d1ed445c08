"""The groups that metrics are given for: each sampler, and each value of an attribute within a sampler."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from textgen_core.datasets.parts import parts_of
from textgen_core.datasets.schemas import GENERATIONS
from textgen_core.errors import InputError

MAX_VALUES = 1000


class Partition(NamedTuple):
    """Rows in groups: each row is in one."""

    groups: list[dict[str, str]]
    """What the rows of each have in common."""
    code: npt.NDArray[np.int64]
    """[n] the place of each row's group in groups."""


def check_attributes(generations: Path, group_by: Sequence[str]) -> None:
    """Look at the columns to group by, before there is much work to lose.

    Raises:
        InputError: there is no such column, it holds no plain values, or too many to be an attribute.
    """
    schema = pq.read_schema(parts_of(generations)[0])
    if missing := sorted(set(group_by) - set(schema.names)):
        known = ", ".join(name for name in schema.names if name not in GENERATIONS.names)
        raise InputError(
            "group_by names columns that came with the seeds", ", ".join(missing), f"These did: {known or 'none'}"
        )
    for name in group_by:
        if pa.types.is_nested(schema.field(name).type):
            raise InputError(
                "an attribute has plain values", f"{name} of {schema.field(name).type}", "Group by another"
            )
        values = pa.chunked_array(
            [pq.read_table(part, columns=[name])[name].unique() for part in parts_of(generations)]
        )
        if (count := len(values.unique())) > MAX_VALUES:
            raise InputError(
                f"an attribute has at most {MAX_VALUES} values", f"{name} with {count}", "Group by another"
            )


def read_columns(generations: Path, group_by: Sequence[str]) -> pa.Table:
    """seed_id, sampler and the attribute columns of all generations."""
    columns = list(dict.fromkeys(["seed_id", "sampler", *group_by]))
    return pa.concat_tables([pq.read_table(part, columns=columns) for part in parts_of(generations)])


def partitions(table: pa.Table, group_by: Sequence[str]) -> Iterator[Partition]:
    """The rows grouped by sampler, then by each attribute's values within a sampler."""
    samplers = list(map(str, table["sampler"].to_pylist()))
    yield _partition(("sampler",), list(zip(samplers, strict=True)))
    for name in dict.fromkeys(group_by):
        if name != "sampler":  # every group lies within one
            values = map(_shown, table[name].to_pylist())
            yield _partition(("sampler", name), list(zip(samplers, values, strict=True)))


def _partition(names: tuple[str, ...], rows: list[tuple[str, ...]]) -> Partition:
    number = {values: place for place, values in enumerate(sorted(set(rows)))}
    code = np.fromiter((number[row] for row in rows), np.int64, len(rows))
    return Partition([dict(zip(names, values, strict=True)) for values in number], code)


def _shown(value: object) -> str:
    return "null" if value is None else str(value)
