"""The groups that metrics are given for: each sampler, and each value of an attribute within a sampler."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from textgen_core.datasets.parts import parts_of
from textgen_core.datasets.schemas import GENERATIONS
from textgen_core.errors import InputError

MAX_VALUES = 1000

Mask = npt.NDArray[np.bool_]


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


def groups(table: pa.Table, group_by: Sequence[str]) -> Iterator[tuple[dict[str, str], Mask]]:
    """Each group and which rows are in it: samplers by name, then each attribute's values within a sampler."""
    samplers = np.array(table["sampler"].to_pylist(), object)
    attributes = {
        name: np.array([_shown(value) for value in table[name].to_pylist()], object)
        for name in group_by
        if name != "sampler"  # every group lies within one
    }
    names = sorted(set(samplers))
    for sampler in names:
        yield {"sampler": sampler}, samplers == sampler
    for name, values in attributes.items():
        for sampler in names:
            within = samplers == sampler
            for value in sorted(set(values[within])):
                yield {"sampler": sampler, name: value}, within & (values == value)


def _shown(value: object) -> str:
    return "null" if value is None else str(value)
