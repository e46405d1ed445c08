"""The frequency penalty, as in OpenAI's interface."""

from __future__ import annotations

from typing import Any

from keras import ops

from textgen_core.decoding.states import Rows


def frequency_penalty(scores: Any, row: Rows) -> Any:
    """Subtract the penalty as often as the token has been generated; the prompt does not count."""
    return scores - row["frequency_penalty"][:, None] * ops.cast(row["counts"], "float32")
