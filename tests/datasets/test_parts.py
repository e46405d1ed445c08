"""A part is read back in batches that hold little, however large its rows are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from textgen_core.datasets import parts
from textgen_core.datasets.parts import PartWriter, count_rows


@pytest.mark.parametrize(("tokens", "most"), [(1, parts.CHECKED_ROWS), (50_000, 50), (2_000_000, 1)])
def test_rows_are_counted_few_at_a_time_where_they_are_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tokens: int, most: int
) -> None:
    path, rows = tmp_path / "part.parquet", max(4, min(5_000, 6_000_000 // tokens))
    schema = pa.schema([("ids", pa.list_(pa.int32()))])
    with PartWriter(path, schema) as part:
        for _ in range(4):
            part.write(pa.table({"ids": [list(range(tokens))] * (rows // 4)}, schema))

    seen: list[int] = []
    read_part = parts.read_part

    def watched(*arguments: Any, **options: Any) -> Iterator[pa.RecordBatch]:
        for batch in read_part(*arguments, **options):
            seen.append(batch.num_rows)
            yield batch

    monkeypatch.setattr(parts, "read_part", watched)
    assert count_rows(path) == rows == sum(seen)
    assert max(seen) <= most
