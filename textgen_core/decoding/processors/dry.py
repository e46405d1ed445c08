"""DRY, "don't repeat yourself" (p-e-w 2024): the longer a token would go on with a repetition, the more it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keras import ops

from textgen_core.decoding.processors.followers import highest_by_token
from textgen_core.decoding.states import Rows

if TYPE_CHECKING:
    from textgen_core.decoding.settings import SamplerSettings
    from textgen_core.decoding.vocabulary import Vocabulary

STEEPEST = 1e30
"""Bound of base ** length: a penalty stays a number."""


def dry(scores: Any, row: Rows) -> Any:
    """Subtract multiplier * base ** (length - allowed length) from tokens that followed what the row ends with.

    length is that of the longest such match, no further back than to the last breaker. Breakers cost nothing.
    """
    multiplier, allowed = row["dry_multiplier"][:, None], row["dry_allowed_length"][:, None]
    beyond = row["unbroken"] - allowed
    growth = ops.power(row["dry_base"][:, None], ops.cast(ops.maximum(beyond, 0), "float32"))
    price = ops.where(beyond >= 0, multiplier * ops.minimum(growth, STEEPEST), 0.0)
    dearest = highest_by_token(row["history"], price, scores.shape[1], least=0)
    return ops.where(row["breakers"], scores, scores - dearest)


def breakers(sampler: SamplerSettings, vocabulary: Vocabulary) -> dict[str, Any]:
    """Leaf ``breakers`` [vocab] bool: tokens in which a breaker occurs."""
    return {"breakers": vocabulary.holding(sampler.dry_breakers)}
