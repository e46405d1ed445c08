"""The training stream: all documents of a split as one flat file of token ids, each closed by END."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textgen_core.datasets.parts import read_batches
from textgen_core.datasets.stage import sync_directory
from textgen_core.tokenization.interface import END

Stream = np.ndarray
"""Token ids [n]: doc END doc END ..; read in a circle, so that END also opens the first document."""


def token_stream(sequences: Path, split: str, vocab_size: int, scratch: Path) -> Stream:
    """The split's stream, memory-mapped; written to scratch the first time, empty where the split is.

    Args:
        sequences: a ``sequences`` dataset.
        scratch: a directory for the file; it is there whole or not at all.
    """
    dtype = np.dtype(np.uint16 if vocab_size <= 1 << 16 else np.int32)
    path = scratch / f"{split}.{dtype.name}"
    if not path.exists():
        temporary = path.with_name(f".{path.name}.tmp")
        with temporary.open("wb") as file:
            for batch in read_batches(sequences, ["split", "token_ids"]):
                for chunk in _closed(batch, split):
                    file.write(chunk.astype(dtype).tobytes())
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
        sync_directory(scratch)
    return np.memmap(path, dtype, "r") if path.stat().st_size else np.empty(0, dtype)


def _closed(batch: pa.RecordBatch, split: str) -> Iterator[np.ndarray]:
    chosen = batch.filter(pc.equal(batch["split"], split))["token_ids"]
    if len(chosen):
        ends = np.cumsum(pc.list_value_length(chosen).to_numpy(zero_copy_only=False))
        yield np.insert(chosen.flatten().to_numpy(zero_copy_only=False), ends, END)
