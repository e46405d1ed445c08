"""No n-gram twice (Paulus et al. 2017), as Hugging Face does it."""

from __future__ import annotations

from typing import Any

from keras import ops

from textgen_core.decoding.processors.followers import highest_by_token
from textgen_core.decoding.states import Rows

NEVER = -float("inf")


def no_repeat_ngram(scores: Any, row: Rows) -> Any:
    """Ban the tokens that would complete an n-gram that the row, its prompt included, holds already."""
    n = row["no_repeat_ngram"][:, None]
    repeats = highest_by_token(row["history"], row["matches"], scores.shape[1], least=-1) >= n - 1
    return ops.where(repeats & (n > 0), NEVER, scores)
