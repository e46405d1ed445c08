"""A finished ingestion directory, written without the ingestion stage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from textgen_core.datasets import digests
from textgen_core.datasets.manifest import RunKey
from textgen_core.datasets.parts import PartWriter
from textgen_core.datasets.schemas import DOCUMENTS
from textgen_core.datasets.stage import run_stage

KEY = RunKey(stage="ingestion", code_version=1, schema_version=1, settings={}, inputs={}, numerics={})


def write_documents(output: Path, texts: Sequence[tuple[str, str]], parts: int = 2) -> Path:
    """An ingestion directory of (split, text) documents, with a column ``stars`` of the user's own."""
    schema = pa.schema([*DOCUMENTS, pa.field("stars", pa.int8())])
    rows = [
        {
            "doc_id": digests.of_value([number, text])[:16],
            "source": "memory",
            "source_row": number,
            "split": split,
            "text": text,
            "n_chars": len(text),
            "n_words": len(text.split()),
            "content_hash": digests.of_value(text)[:16],
            "stars": number % 5 + 1,
        }
        for number, (split, text) in enumerate(texts)
    ]

    def body(partial: Path) -> dict[str, int]:
        for number in range(parts):
            with PartWriter(partial / "documents" / f"part-{number:05}.parquet", schema) as part:
                part.write(rows[number * len(rows) // parts : (number + 1) * len(rows) // parts])
        return {"documents": len(rows)}

    run_stage(KEY.model_copy(update={"settings": {"texts": [list(text) for text in texts]}}), output, body)
    return output
