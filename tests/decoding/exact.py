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


def entropy(p):
    p = p[p > 0]
    return -(p * np.log(p)).sum()


def top_n_sigma(p, knob):
    logits = np.log(p[p > 0])
    return kept(p, p >= np.exp(logits.max() - knob * logits.std() - 1e-9))


def top_h(p, knob):
    """Classes of equal probability, from the likeliest, as long as the entropy of what is taken is small enough."""
    limit, most = p.max(), knob * entropy(p)
    for next_limit in np.unique(p[(p > 0) & (p < limit)])[::-1]:
        taken = p[p >= next_limit]
        if entropy(taken / taken.sum()) > most:
            break
        limit = next_limit
    return kept(p, p >= limit) if knob < 1 else p


def top_k(p, knob):
    return kept(p, p >= np.sort(p)[::-1][min(knob, len(p)) - 1])


def top_p(p, knob):
    order = np.argsort(-p, kind="stable")
    mass = np.cumsum(p[order])
    return kept(p, p >= p[order[min(np.searchsorted(mass, knob - 1e-9), len(p) - 1)]])


def typical_p(p, knob):
    with np.errstate(divide="ignore"):
        surprise = np.abs(-np.log(p) - entropy(p))
    order = np.argsort(surprise, kind="stable")
    mass = np.cumsum(p[order])
    return kept(p, surprise <= surprise[order[min(np.searchsorted(mass, knob - 1e-9), len(p) - 1)]])


def not_below(p, limit):
    """The likeliest always stays."""
    return kept(p, (p >= limit * (1 - 1e-9)) | (p == p.max()))


def eta_cutoff(p, knob):
    return not_below(p, min(knob, knob**0.5 * np.exp(-entropy(p))))


def xtc(p, knob):
    viable = np.flatnonzero(p >= knob)
    if len(viable) < 2:
        return p
    return kept(p, (p < knob) | (p == p[viable].min()))


@dataclass(frozen=True)
class Step:
    """What the contract of samplers knows of a truncation.

    Attributes:
        apply: (p [vocab], knob) -> p [vocab]
        example: a knob that changes most distributions.
        values: knobs that may occur.
        keeps_likeliest: whether the likeliest token may always be drawn.
        chance: where the step is not always done, how often if nothing else is said.
    """

    apply: Callable[[Any, Any], Any]
    example: float
    values: st.SearchStrategy
    keeps_likeliest: bool = True
    chance: float = 1.0


MASSES = st.integers(3, 61).map(lambda share: share / 61)
"""Not so near to what equal or few tokens hold that float32 tells the border otherwise."""

STEPS = {
    "temperature": Step(temperature, example=0.7, values=st.floats(0.25, 4)),
    "top_n_sigma": Step(top_n_sigma, example=1.2, values=st.floats(0.01, 4)),
    "top_h": Step(top_h, example=0.7, values=st.floats(0.01, 1)),
    "top_k": Step(top_k, example=5, values=st.integers(1, 50)),
    "top_p": Step(top_p, example=0.8, values=MASSES),
    "min_p": Step(lambda p, m: kept(p, p >= m * p.max()), example=0.3, values=st.floats(0, 1)),
    "typical_p": Step(typical_p, example=0.7, values=MASSES, keeps_likeliest=False),
    "epsilon_cutoff": Step(not_below, example=0.08, values=st.floats(0, 0.99)),
    "eta_cutoff": Step(eta_cutoff, example=0.4, values=st.floats(0, 0.99)),
    "xtc_threshold": Step(xtc, example=0.12, values=st.floats(0.01, 1), keeps_likeliest=False, chance=0.5),
}
"""In the order in which they are done."""


def distribution(logits, knobs, order=tuple(STEPS)):
    """Exact probabilities of the next token. A knob ``chance`` says how often what is not always done is done."""
    worlds = [(1.0, without_pad(softmax(logits)))]
    for name in (name for name in order if name in knobs):
        step = STEPS[name]
        chance = 1.0 if step.chance == 1 else knobs.get("chance", step.chance)
        worlds = [
            world
            for weight, p in worlds
            for world in ((weight * chance, step.apply(p, knobs[name])), (weight * (1 - chance), p))
        ]
    return sum(weight * p for weight, p in worlds)


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
