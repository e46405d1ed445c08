"""No end before so many tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keras import ops

from textgen_core.decoding.states import Rows
from textgen_core.tokenization.interface import END

if TYPE_CHECKING:
    from textgen_core.decoding.settings import SamplerSettings
    from textgen_core.decoding.vocabulary import Vocabulary

NEVER = -float("inf")


def min_new_tokens(scores: Any, row: Rows) -> Any:
    """Ban END and the stop tokens until so many tokens have been generated."""
    early = row["drawn"] < row["min_new_tokens"]
    return ops.where(early[:, None] & row["enders"], NEVER, scores)


def enders(sampler: SamplerSettings, vocabulary: Vocabulary) -> dict[str, Any]:
    """Leaf ``enders`` [vocab] bool: the tokens that end a row."""
    return {"enders": vocabulary.mask((*sampler.stop_tokens, f"id:{END}"))}
