"""The presence penalty, as in OpenAI's interface."""

from __future__ import annotations

from typing import Any

from keras import ops

from textgen_core.decoding.states import Rows


def presence_penalty(scores: Any, row: Rows) -> Any:
    """Subtract the penalty once from tokens that have been generated; the prompt does not count."""
    return scores - ops.where(row["counts"] > 0, row["presence_penalty"][:, None], 0.0)
