"""What samplers should do, written anew in float64 with sorting, and a test of goodness of fit."""

import numpy as np

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


def top_k(p, knob):
    kth = np.sort(p)[::-1][min(knob, len(p)) - 1]
    return np.where(p >= kth, p, 0) / p[p >= kth].sum()


def top_p(p, knob):
    order = np.argsort(-p, kind="stable")
    mass = np.cumsum(p[order])
    last = p[order[min(np.searchsorted(mass, knob - 1e-9), len(p) - 1)]]
    return np.where(p >= last, p, 0) / p[p >= last].sum()


STEPS = {"temperature": temperature, "top_k": top_k, "top_p": top_p}


def distribution(logits, knobs, order=("temperature", "top_k", "top_p")):
    """Exact probabilities of the next token."""
    p = without_pad(softmax(logits))
    for name in order:
        if name in knobs:
            p = STEPS[name](p, knobs[name])
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
