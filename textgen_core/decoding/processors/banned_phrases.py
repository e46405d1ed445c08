"""Tokens and token sequences that are never said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from keras import ops

from textgen_core.decoding.states import Rows

if TYPE_CHECKING:
    from textgen_core.decoding.settings import SamplerSettings
    from textgen_core.decoding.vocabulary import Vocabulary

ANY, UNUSED = -1, -2
"""What stands before the beginning of a phrase that is shorter than the longest, and in a line without a phrase."""
NEVER = -float("inf")


def banned_phrases(scores: Any, row: Rows) -> Any:
    """Ban single tokens, and the last token of each phrase with the rest of which the row, prompt included, ends."""
    phrases, vocab = row["phrases"], scores.shape[1]
    width = phrases.shape[2] - 1
    tail = row["history"][:, row["history"].shape[1] - width :]
    begun = ops.all((phrases[:, :, :width] == tail[:, None, :]) | (phrases[:, :, :width] == ANY), axis=2)
    last = ops.where(begun, phrases[:, :, width], vocab)  # a column beyond the last, for what is not banned
    here = ops.broadcast_to(ops.arange(last.shape[0], dtype="int32")[:, None], last.shape)
    places = ops.reshape(ops.stack([here, last], axis=-1), (-1, 2))
    banned = ops.pad(row["banned"], ((0, 0), (0, 1)))
    banned = ops.scatter_update(banned, places, ops.ones(places.shape[:1], dtype="bool"))
    return ops.where(banned[:, :vocab], NEVER, scores)


def bans(sampler: SamplerSettings, vocabulary: Vocabulary, count: int, width: int) -> dict[str, Any]:
    """Leaves ``banned`` [vocab] bool and, of the longer ones, ``phrases`` [count, width] int32, each ends its line."""
    banned, phrases = np.zeros(vocabulary.size, bool), np.full((count, width), UNUSED, np.int32)
    place = 0
    for tokens in vocabulary.phrases(sampler.banned_phrases):
        if len(tokens) == 1:
            banned[tokens] = True
        else:
            phrases[place] = (ANY,) * (width - len(tokens)) + tokens
            place += 1
    return {"banned": banned, "phrases": phrases}
