"""What may change the model's scores because of what the row has said, in the order in which it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from textgen_core.decoding.processors.banned_phrases import banned_phrases, bans
from textgen_core.decoding.processors.dry import breakers, dry
from textgen_core.decoding.processors.frequency_penalty import frequency_penalty
from textgen_core.decoding.processors.logit_bias import bias, logit_bias
from textgen_core.decoding.processors.min_new_tokens import enders, min_new_tokens
from textgen_core.decoding.processors.no_repeat_ngram import no_repeat_ngram
from textgen_core.decoding.processors.presence_penalty import presence_penalty
from textgen_core.decoding.processors.repetition_penalty import repetition_penalty
from textgen_core.decoding.states import Rows


@dataclass(frozen=True, slots=True)
class Processor:
    """One step from scores to scores.

    Attributes:
        apply: (scores [n, vocab], row) -> scores [n, vocab]; pure, of each row alone. Scores are float32 logits, or a
            beam's log-probabilities; what is banned is -inf. A knob that is off is an exact identity.
        knobs: settings carried by every row -> their dtype.
        table: (sampler, vocabulary, ..) -> further leaves of one row, made of texts.
        memory: what else of MEMORY it looks at.
    """

    apply: Callable[[Any, Rows], Any]
    knobs: Mapping[str, str] = field(default_factory=dict)
    table: Callable[..., dict[str, Any]] | None = None
    memory: tuple[str, ...] = ()


DRY_KNOBS = {"dry_multiplier": "float32", "dry_base": "float32", "dry_allowed_length": "int32"}

PROCESSORS = {
    "logit_bias": Processor(logit_bias, table=bias),
    "repetition_penalty": Processor(repetition_penalty, {"repetition_penalty": "float32"}, memory=("said",)),
    "frequency_penalty": Processor(frequency_penalty, {"frequency_penalty": "float32"}, memory=("counts",)),
    "presence_penalty": Processor(presence_penalty, {"presence_penalty": "float32"}, memory=("counts",)),
    "dry_multiplier": Processor(dry, DRY_KNOBS, breakers, ("history", "unbroken")),
    "no_repeat_ngram": Processor(no_repeat_ngram, {"no_repeat_ngram": "int32"}, memory=("history", "matches")),
    "banned_phrases": Processor(banned_phrases, table=bans, memory=("history",)),
    "min_new_tokens": Processor(min_new_tokens, {"min_new_tokens": "int32"}, enders),
}
"""By the setting that turns each on; applied from the first to the last: what is banned stays banned."""
