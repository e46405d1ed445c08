"""The per-row metrics by name: each is a column of ``scores``, and its mean a row of ``metrics``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from textgen_core.evaluation.compression import Compression
from textgen_core.evaluation.copying import Copied
from textgen_core.evaluation.distinct import Distinct
from textgen_core.evaluation.length import Length
from textgen_core.evaluation.likelihood import MeanLogprob
from textgen_core.evaluation.repetition import Loop, Repeated
from textgen_core.evaluation.samples import Samples


class RowMetric(Protocol):
    """A figure of each generated text by itself."""

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest value that it can have."""

    @property
    def signature(self) -> str:
        """All its settings and its version, as ``name:value`` joined by ``|``."""

    def __call__(self, samples: Samples) -> Sequence[float | None]:
        """One finite value a text, in order; None where it has no meaning (no text, or one too short)."""


METRICS: dict[str, RowMetric] = {
    "chars": Length("character"),
    "words": Length("word"),
    "tokens": Length("token"),
    "mean_logprob": MeanLogprob(),
    "distinct_1": Distinct(1),
    "distinct_2": Distinct(2),
    "distinct_3": Distinct(3),
    "distinct_4": Distinct(4),
    "repeated_4": Repeated(4),
    "loop": Loop(),
    "compression": Compression(),
    "copied_chars": Copied("character"),
    "copied_share": Copied("share"),
}
