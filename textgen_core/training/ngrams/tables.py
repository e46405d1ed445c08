"""The levels of smoothed n-grams as the tables that the model holds: see ``models.ngram``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from textgen_core.tokenization.interface import PAD
from textgen_core.training.ngrams.kneser_ney import Smoothed, unigrams
from textgen_core.training.ngrams.levels import Level
from textgen_core.training.ngrams.tally import Keys

Table = npt.NDArray[Any]


def tables_of(levels: Sequence[Level], figures: Sequence[Smoothed], vocab_size: int) -> dict[str, Table]:
    """The weights of the model by name.

    Contexts are numbered level by level, the empty one 0, so that the extensions of one follow those of the one before.
    The last number is that of no context at all: it has neither extensions nor followers.
    """
    contexts = [len(level.contexts) for level in levels]
    above, above_figures = levels[1:], figures[1:]  # what follows the empty context stands in the unigrams
    numbers = np.cumsum([0, *contexts])
    entries = np.cumsum([0, *(len(level.ngrams) for level in above)])
    extensions = [
        first + _begins(longer.contexts, vocab_size, count)
        for longer, first, count in zip(above, numbers[1:], contexts, strict=False)
    ]
    followers = [
        first + _begins(level.ngrams, vocab_size, len(level.contexts))
        for level, first in zip(above, entries, strict=False)
    ]
    with np.errstate(divide="ignore"):  # PAD
        shortest = np.log(unigrams(levels[0], figures[0], vocab_size))
    return {
        "unigrams": shortest.astype(np.float32),
        "oldest": _joined([[PAD], *(level.contexts % vocab_size for level in above), [PAD]], np.uint32),
        "extensions": _joined([*extensions, np.full(contexts[-1] + 2, numbers[-1])], np.uint32),
        "backoffs": _joined([[0.0], *(np.log(own.backoffs) for own in above_figures), [0.0]], np.float32),
        "followers": _joined([[0], *followers, [entries[-1]] * 2], np.uint32),
        "tokens": _joined((level.ngrams % vocab_size for level in above), np.uint32),
        "logprobs": _joined((np.log(own.probabilities) for own in above_figures), np.float32),
    }


def _begins(keys: Keys, vocab_size: int, owners: int) -> Keys:
    """[owners] where the keys of each begin; keys ascend, and each is its owner times vocab_size plus a token."""
    return np.searchsorted(keys, np.arange(owners) * vocab_size)


def _joined(parts: Iterable[Any], dtype: Any) -> Table:
    return np.concatenate([np.empty(0, dtype), *(np.asarray(part, dtype) for part in parts)])
