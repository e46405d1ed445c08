"""What may shrink the distribution before a token is drawn, in the order in which it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textgen_core.decoding.truncations.eta import epsilon, eta
from textgen_core.decoding.truncations.min_p import min_p
from textgen_core.decoding.truncations.temperature import temperature
from textgen_core.decoding.truncations.top_h import top_h
from textgen_core.decoding.truncations.top_k import top_k
from textgen_core.decoding.truncations.top_n_sigma import top_n_sigma
from textgen_core.decoding.truncations.top_p import top_p
from textgen_core.decoding.truncations.typical_p import typical_p
from textgen_core.decoding.truncations.xtc import xtc


@dataclass(frozen=True, slots=True)
class Truncation:
    """One step from log-probabilities to log-probabilities.

    Attributes:
        apply: (logprobs [n, vocab], knob [n]) -> logprobs [n, vocab]; pure, of each row alone. Logprobs are float32,
            natural, up to a constant a row; what can't be drawn is -inf. An off knob is an exact identity.
        off: the knob's value that changes nothing.
        dtype: the knob's.
        least: a knob below this is taken for it: in float32 it would be zero, or out of the range of what follows.
        chance: a further knob [n] float32, the probability with which the step is done at all; None: always.
    """

    apply: Callable[[Any, Any], Any]
    off: float
    dtype: str
    least: float = 0.0
    chance: str | None = None


SMALLEST = 2.0**-126
"""What float32 holds without loss of digits; processors flush to zero what is smaller."""
COLDEST = 1e-20
"""Log-probabilities divided by this are numbers still."""

TRUNCATIONS = {
    "temperature": Truncation(temperature, off=1.0, dtype="float32", least=COLDEST),
    "top_n_sigma": Truncation(top_n_sigma, off=float("inf"), dtype="float32"),
    "top_h": Truncation(top_h, off=1.0, dtype="float32"),
    "top_k": Truncation(top_k, off=2**31 - 1, dtype="int32"),
    "top_p": Truncation(top_p, off=1.0, dtype="float32", least=SMALLEST),
    "min_p": Truncation(min_p, off=0.0, dtype="float32"),
    "typical_p": Truncation(typical_p, off=1.0, dtype="float32", least=SMALLEST),
    "epsilon_cutoff": Truncation(epsilon, off=0.0, dtype="float32"),
    "eta_cutoff": Truncation(eta, off=0.0, dtype="float32"),
    "xtc_threshold": Truncation(xtc, off=1.0, dtype="float32", least=SMALLEST, chance="xtc_probability"),
}
"""By the name of their knob in SamplerSettings. Applied from the first to the last where ``order`` does not say
otherwise: what Hugging Face has comes as it comes there, top-n-sigma before all that drop tokens, XTC after them."""
