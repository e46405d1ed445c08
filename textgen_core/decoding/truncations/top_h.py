"""Top-H sampling (Potraghloo et al. 2025): as many of the likeliest tokens as a bound on the entropy allows."""

from __future__ import annotations

from typing import Any

from keras import ops

from textgen_core.decoding.truncations.entropy import entropy, normalised, weighted
from textgen_core.decoding.truncations.threshold import above, highest_where


def top_h(logprobs: Any, knob: Any) -> Any:
    """Take in tokens, the likeliest first, while what is taken has at most knob [n] times the entropy of the row.

    This is the paper's algorithm 1 (the code published with it, and Hugging Face's, bound another sum). The entropy is
    that of the tokens taken among themselves. It grows with each of them (theorem 3), so the first that is too many can
    be searched for. Tokens of equal probability are taken together or not at all, and the likeliest always.
    """
    own = normalised(logprobs)
    weights = ops.exp(own)
    products = weighted(weights, own)
    bound = knob * entropy(own)
    zero = ops.zeros_like(own)

    def too_much(inside: Any) -> Any:
        mass = ops.sum(ops.where(inside, weights, zero), axis=1)
        return ops.log(mass) - ops.sum(ops.where(inside, products, zero), axis=1) / mass > bound

    kept = above(own, highest_where(own, too_much)) | (own == ops.max(own, axis=1, keepdims=True))
    return ops.where(kept | (knob >= 1.0)[:, None], logprobs, -float("inf"))
