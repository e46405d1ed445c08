"""The groups that metrics are given for: each sampler, and each value of an attribute within a sampler."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from textgen_core.datasets.parts import parts_of
from textgen_core.errors import InputError

MAX_VALUES = 1000

Mask = npt.NDArray[np.bool_]


def read_columns(generations: Path, group_by: Sequence[str]) -> pa.Table:
    """seed_id, sampler and the attribute columns of all generations.

    Raises:
        InputError: there is no such column, or it has too many values to be an attribute.
    """
    known = pq.read_schema(parts_of(generations)[0]).names
    if missing := sorted(set(group_by) - set(known)):
        raise InputError(
            "group_by names columns of the generations", ", ".join(missing), f"Its columns: {', '.join(known)}"
        )
    columns = ["seed_id", "sampler", *(name for name in group_by if name not in ("seed_id", "sampler"))]
    table = pa.concat_tables([pq.read_table(part, columns=columns) for part in parts_of(generations)])
    for name in group_by:
        if (count := len(table[name].unique())) > MAX_VALUES:
            raise InputError(
                f"an attribute has at most {MAX_VALUES} values", f"{name} with {count}", "Group by another"
            )
    return table


def groups(table: pa.Table, group_by: Sequence[str]) -> Iterator[tuple[dict[str, str], Mask]]:
    """Each group and which rows are in it: samplers by name, then each attribute's values within a sampler."""
    samplers = np.array(table["sampler"].to_pylist(), object)
    attributes = {name: np.array([_shown(value) for value in table[name].to_pylist()], object) for name in group_by}
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
