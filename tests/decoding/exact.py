"""What samplers should do, written anew in float64 with sorting, and a test of goodness of fit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

END, PAD = 1, 0


def softmax(logits):
    weights = np.exp(np.float64(logits) - np.max(logits))
    return weights / weights.sum()


def without_pad(p):
    p = p.copy()
    p[PAD] = 0
    return p / p.sum()


def temperature(p, knob):
    with np.errstate(divide="ignore"):
        return softmax(np.log(p) / knob)


def kept(p, which):
    """p [vocab] with nothing left outside which."""
    return np.where(which, p, 0) / p[which].sum()


def top_k(p, knob):
    return kept(p, p >= np.sort(p)[::-1][min(knob, len(p)) - 1])


def top_p(p, knob):
    order = np.argsort(-p, kind="stable")
    mass = np.cumsum(p[order])
    return kept(p, p >= p[order[min(np.searchsorted(mass, knob - 1e-9), len(p) - 1)]])


@dataclass(frozen=True)
class Step:
    """What the contract of samplers knows of a truncation.

    Attributes:
        apply: (p [vocab], knob) -> p [vocab]
        example: a knob that changes most distributions.
        values: knobs that may occur.
    """

    apply: Callable[[Any, Any], Any]
    example: float
    values: st.SearchStrategy


STEPS = {
    "temperature": Step(temperature, example=0.7, values=st.floats(0.25, 4)),
    "top_k": Step(top_k, example=5, values=st.integers(1, 50)),
    "top_p": Step(top_p, example=0.8, values=st.floats(0.05, 1)),
}
"""In the order in which they are done."""


def distribution(logits, knobs, order=tuple(STEPS)):
    """Exact probabilities of the next token."""
    p = without_pad(softmax(logits))
    for name in order:
        if name in knobs:
            p = STEPS[name].apply(p, knobs[name])
    return p


def misfit(counts, p):
    """Deviations from what is expected of a true sampler (Wilson and Hilferty's normal form of chi-square)."""
    assert not counts[p == 0].sum(), "a token without probability was drawn"
    expected, counts = p[p > 0] * counts.sum(), counts[p > 0]
    keep = expected >= 5
    degrees = keep.sum() - 1 + (~keep).any()
    statistic = ((counts[keep] - expected[keep]) ** 2 / expected[keep]).sum()
    if (~keep).any():
        rest = expected[~keep].sum()
        statistic += (counts[~keep].sum() - rest) ** 2 / max(rest, 1)
    if degrees == 0:
        return 0.0
    spread = 2 / (9 * degrees)
    return ((statistic / degrees) ** (1 / 3) - (1 - spread)) / spread**0.5
