"""What may shrink the distribution before a token is drawn, in the order in which it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textgen_core.decoding.truncations.temperature import temperature
from textgen_core.decoding.truncations.top_k import top_k
from textgen_core.decoding.truncations.top_p import top_p


@dataclass(frozen=True, slots=True)
class Truncation:
    """One step from log-probabilities to log-probabilities.

    Attributes:
        apply: (logprobs [n, vocab], knob [n]) -> logprobs [n, vocab]; pure, of each row alone. Logprobs are float32,
            natural, up to a constant a row; what can't be drawn is -inf. An off knob is an exact identity.
        off: the knob's value that changes nothing.
        dtype: the knob's.
    """

    apply: Callable[[Any, Any], Any]
    off: float
    dtype: str


TRUNCATIONS = {
    "temperature": Truncation(temperature, off=1.0, dtype="float32"),
    "top_k": Truncation(top_k, off=2**31 - 1, dtype="int32"),
    "top_p": Truncation(top_p, off=1.0, dtype="float32"),
}
"""By the name of their knob in SamplerSettings; applied from the first to the last, as Hugging Face's warpers are."""
