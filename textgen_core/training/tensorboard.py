"""TensorBoard's event files, written without TensorBoard: a file of records, one a scalar."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.core.framework.summary_pb2 import Summary
from tensorflow.core.util.event_pb2 import Event

FILE = "events.out.tfevents.0000000000.textgen"
"""One name for good, so that a resumed training rewrites its log instead of adding a second one beside it."""


class EventLog:
    """Rows of history as scalars: ``train/loss``, ``validation/loss``, ``train/learning_rate`` and so on."""

    def __init__(self, directory: Path, began: float) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._began = began  # seconds since the epoch; rows add their own seconds
        self._writer = tf.io.TFRecordWriter(str(directory / FILE))
        self._writer.write(Event(wall_time=began, file_version="brain.Event:2").SerializeToString())

    def add(self, row: dict[str, Any]) -> None:
        """Append one row of history."""
        names = [name for name in ("loss", "bits_per_char", "learning_rate") if row[name] is not None]
        values = [Summary.Value(tag=f"{row['split']}/{name}", simple_value=row[name]) for name in names]
        event = Event(wall_time=self._began + row["seconds"], step=row["step"], summary=Summary(value=values))
        self._writer.write(event.SerializeToString())
        self._writer.flush()

    def close(self) -> None:
        """No more rows."""
        self._writer.close()
