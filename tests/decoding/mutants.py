"""Truncations with a small mistake, each of which the contract of samplers must notice."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from keras import ops

from tests.decoding import exact
from textgen_core.decoding.truncations.entropy import entropy, normalised, weighted
from textgen_core.decoding.truncations.eta import epsilon, eta
from textgen_core.decoding.truncations.min_p import min_p
from textgen_core.decoding.truncations.temperature import temperature
from textgen_core.decoding.truncations.threshold import above, highest_where
from textgen_core.decoding.truncations.top_h import top_h
from textgen_core.decoding.truncations.top_k import top_k
from textgen_core.decoding.truncations.top_n_sigma import top_n_sigma
from textgen_core.decoding.truncations.top_p import top_p
from textgen_core.decoding.truncations.typical_p import typical_p
from textgen_core.decoding.truncations.xtc import xtc


@dataclass(frozen=True)
class Mutant:
    """wrong stands in the place of the truncation of this name; knobs are what is asked for."""

    name: str
    knobs: dict[str, Any]
    wrong: Callable[[Any, Any], Any]


def only(logprobs, kept):
    return ops.where(kept, logprobs, -float("inf"))


def min_p_of_all(logprobs, knob):
    """The share of all probability, not of the likeliest token's."""
    return only(logprobs, normalised(logprobs) >= ops.log(knob)[:, None])


def min_p_strict(logprobs, knob):
    return only(logprobs, logprobs > ops.max(logprobs, axis=1, keepdims=True) + ops.log(knob)[:, None])


def typical_p_signed(logprobs, knob):
    """What is likelier than typical counts as typical."""
    own = normalised(logprobs)
    return only(logprobs, own >= -entropy(own)[:, None] + ops.log(knob)[:, None])


def sigma_of_probabilities(logprobs, knob):
    p = ops.exp(normalised(logprobs))
    return only(logprobs, p >= ops.max(p, axis=1, keepdims=True) - knob[:, None] * ops.std(p, axis=1, keepdims=True))


def sigma_with_the_banned(logprobs, knob):
    """Takes what is banned for one more logit, the lowest."""
    there = logprobs > -float("inf")
    lowest = ops.min(ops.where(there, logprobs, float("inf")), axis=1, keepdims=True)
    deviation = ops.std(ops.where(there, logprobs, lowest), axis=1)
    return only(logprobs, logprobs >= ops.max(logprobs, axis=1, keepdims=True) - (knob * deviation)[:, None])


def top_h_of_the_whole(logprobs, knob):
    """Sums the terms of the row's own entropy: what is taken is not seen as a distribution of its own."""
    own = normalised(logprobs)
    terms = -weighted(ops.exp(own), own)
    zero = ops.zeros_like(own)

    def too_much(inside):
        return ops.sum(ops.where(inside, terms, zero), axis=1) > knob * entropy(own)

    return only(logprobs, above(own, highest_where(own, too_much)) | (own == ops.max(own, axis=1, keepdims=True)))


def eta_as_documented_elsewhere(logprobs, knob):
    """sqrt(epsilon * exp(-entropy)), as a widespread docstring has it."""
    own = normalised(logprobs)
    return epsilon(logprobs, ops.minimum(knob, ops.sqrt(knob * ops.exp(-entropy(own)))))


def xtc_all(logprobs, knob):
    """Drops the least likely of the viable tokens, too."""
    viable = normalised(logprobs) >= ops.log(knob)[:, None]
    return ops.where(viable & ops.any(~viable & (logprobs > -float("inf")), axis=1)[:, None], -float("inf"), logprobs)


def xtc_first(logprobs, knob):
    """Drops the likeliest token only."""
    viable = normalised(logprobs) >= ops.log(knob)[:, None]
    several = (ops.sum(ops.cast(viable, "int32"), axis=1) > 1)[:, None]
    return ops.where(several & (logprobs == ops.max(logprobs, axis=1, keepdims=True)), -float("inf"), logprobs)


def shifted(apply, by=0, times=1):
    """apply with a knob that is not the one asked for."""
    return lambda logprobs, knob: apply(logprobs, knob * times + by)


SHARE = exact.without_pad(exact.softmax(-0.9 * np.arange(12)))[1:5].sum() - 0.01
"""Of the four likeliest of the logits ``peaked``, less a little: four are enough for it, and not for .02 more."""

MUTANTS = {
    "temperature x 1.1": Mutant("temperature", {"temperature": 0.8}, shifted(temperature, times=1.1)),
    "temperature x 0.9": Mutant("temperature", {"temperature": 1.5}, shifted(temperature, times=0.9)),
    "k + 1": Mutant("top_k", {"top_k": 4}, shifted(top_k, by=1)),
    "k - 1": Mutant("top_k", {"top_k": 4}, shifted(top_k, by=-1)),
    "p + .02": Mutant("top_p", {"top_p": SHARE}, shifted(top_p, by=0.02)),
    "p - .02": Mutant("top_p", {"top_p": SHARE + 0.02}, shifted(top_p, by=-0.02)),
    "min-p x 1.1": Mutant("min_p", {"min_p": 0.155}, shifted(min_p, times=1.1)),
    "min-p of all": Mutant("min_p", {"min_p": 0.2}, min_p_of_all),
    "min-p without its border": Mutant("min_p", {"min_p": 1.0}, min_p_strict),
    "typical is top-p": Mutant("typical_p", {"typical_p": 0.6}, top_p),
    "typical + .05": Mutant("typical_p", {"typical_p": 0.8}, shifted(typical_p, by=0.05)),
    "typical from one side": Mutant("typical_p", {"typical_p": 0.6}, typical_p_signed),
    "sigma of probabilities": Mutant("top_n_sigma", {"top_n_sigma": 1.2}, sigma_of_probabilities),
    "sigma with the banned": Mutant("top_n_sigma", {"top_n_sigma": 0.68}, sigma_with_the_banned),
    "sigma x 1.1": Mutant("top_n_sigma", {"top_n_sigma": 1.2}, shifted(top_n_sigma, times=1.1)),
    "entropy of the whole": Mutant("top_h", {"top_h": 0.7}, top_h_of_the_whole),
    "h + .05": Mutant("top_h", {"top_h": 0.7}, shifted(top_h, by=0.05)),
    "epsilon is eta": Mutant("epsilon_cutoff", {"epsilon_cutoff": 0.08}, eta),
    "epsilon x 1.1": Mutant("epsilon_cutoff", {"epsilon_cutoff": 0.09}, shifted(epsilon, times=1.1)),
    "eta is epsilon": Mutant("eta_cutoff", {"eta_cutoff": 0.2}, epsilon),
    "eta x 1.1": Mutant("eta_cutoff", {"eta_cutoff": 0.52}, shifted(eta, times=1.1)),
    "eta as documented elsewhere": Mutant("eta_cutoff", {"eta_cutoff": 0.2}, eta_as_documented_elsewhere),
    "xtc drops all": Mutant("xtc_threshold", {"xtc_threshold": 0.12}, xtc_all),
    "xtc drops one": Mutant("xtc_threshold", {"xtc_threshold": 0.05}, xtc_first),
    "xtc threshold + .02": Mutant("xtc_threshold", {"xtc_threshold": 0.09}, shifted(xtc, by=0.02)),
}
