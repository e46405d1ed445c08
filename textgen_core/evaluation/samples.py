"""What a per-row metric looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import regex

UNIT = "uax29-word"
"""Name, in signatures, of the unit of text that words() gives."""

_WORD = regex.compile(r"(?ws).+?\b")


def words(text: str) -> list[str]:
    """Words and punctuation marks at Unicode word boundaries (UAX 29), white space left out, case kept."""
    return [word for word in _WORD.findall(text) if not word.isspace()]


@dataclass(frozen=True)
class Samples:
    """A batch of generated texts, in columns. Where generation failed a text is None, and every score of it too."""

    texts: Sequence[str | None]
    n_tokens: npt.NDArray[np.int64]
    """[n] tokens of each."""
    logprobs: npt.NDArray[np.float64]
    """[n] natural log-probability of each, its end included where it ended by itself; NaN where unknown."""
    ended: npt.NDArray[np.bool_]
    """[n] whether it ended by itself (finish_reason end)."""
    copied: npt.NDArray[np.int64] | None = None
    """[n] characters of its longest span that stands in the training text; None if that wasn't looked for."""

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def words(self) -> list[list[str] | None]:
        """The words of each text."""
        return [None if text is None else words(text) for text in self.texts]
