"""A bias on the logits of some tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from textgen_core.decoding.states import Rows

if TYPE_CHECKING:
    from textgen_core.decoding.settings import SamplerSettings
    from textgen_core.decoding.vocabulary import Vocabulary


def logit_bias(scores: Any, row: Rows) -> Any:
    """Add bias [n, vocab]."""
    return scores + row["bias"]


def bias(sampler: SamplerSettings, vocabulary: Vocabulary) -> dict[str, Any]:
    """Leaf ``bias`` [vocab] float32; several names of one token add up."""
    total = np.zeros(vocabulary.size, np.float32)
    for name, value in sampler.logit_bias.items():
        total[list(vocabulary.ids(name))] += value
    return {"bias": total}
