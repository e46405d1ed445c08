"""The repetition penalty of CTRL (Keskar et al. 2019), as Hugging Face does it."""

from __future__ import annotations

from typing import Any

from keras import ops

from textgen_core.decoding.states import Rows


def repetition_penalty(scores: Any, row: Rows) -> Any:
    """Of tokens that the row has said, its prompt included: divide positive logits, multiply negative ones.

    The zero point of logits has no meaning, so that this depends on how a model was trained; DRY does not.
    """
    penalty = row["repetition_penalty"][:, None]
    penalised = ops.where(scores > 0, scores / penalty, scores * penalty)
    return ops.where(row["said"], penalised, scores)
