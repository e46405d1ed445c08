"""Interpolated modified Kneser-Ney smoothing (Kneser & Ney 1995; Chen & Goodman 1999, their equations 24 to 27).

    p(w | h) = (c(h w) - D(c(h w))) / c(h) + b(h) p(w | h without its oldest token)

c counts occurrences where h is as long as any or begins with END, before which there is nothing; elsewhere it counts
the different tokens before h w. The backoff weight b(h) is the share that the discounts D took. Below the empty context
all tokens but PAD, which nobody predicts, are equally likely.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from textgen_core.tokenization.interface import END, PAD
from textgen_core.training.ngrams.levels import Level
from textgen_core.training.ngrams.tally import Keys

Floats = npt.NDArray[np.float64]

UNKNOWN_DISCOUNT = 0.5
"""Where so little was counted that nothing can be estimated: half of what was seen once is kept for the unseen."""


class Smoothed(NamedTuple):
    """A level's figures."""

    probabilities: Floats
    """[g] of each n-gram's last token after its context, interpolated with all shorter ones."""
    backoffs: Floats
    """[c] what to multiply the probability after the shorter context with, for a token not seen after this one."""


def discounts(counts: Keys) -> Floats:
    """[4] what is taken from counts of 0, 1, 2, and of 3 and more.

    Chen & Goodman's estimates; where one is out of its bounds, as on a small corpus, Kneser & Ney's own for all; where
    that can't be had either, UNKNOWN_DISCOUNT.
    """
    once, twice, thrice, four = (int(np.count_nonzero(counts == times)) for times in (1, 2, 3, 4))
    if not once or not twice:
        return np.array([0.0, *[UNKNOWN_DISCOUNT] * 3])
    single = once / (once + 2 * twice)
    modified = [single, 2 - 3 * single * thrice / twice, 3 - 4 * single * four / max(1, thrice)]
    sound = thrice > 0 and four > 0 and modified[1] > 0 and modified[2] > 0
    return np.array([0.0, *(modified if sound else [single] * 3)])


def smoothed(levels: Sequence[Level], vocab_size: int) -> list[Smoothed]:
    """The figures of each level, from the empty context on."""
    figures: list[Smoothed] = []
    for level, shorter in zip(levels, [None, *levels], strict=False):
        places, tokens = np.divmod(level.ngrams, vocab_size)
        taken = discounts(level.counts)[np.minimum(level.counts, 3)]
        first = np.searchsorted(places, np.arange(len(level.contexts)))  # every context has followers
        total = np.add.reduceat(level.counts, first).astype(np.float64)
        backoffs = np.add.reduceat(taken, first) / total
        if shorter is None:
            lower: Floats = np.full(len(tokens), 1 / (vocab_size - 1))
        else:
            backed_off = level.contexts[places] // vocab_size * vocab_size + tokens
            lower = figures[-1].probabilities[np.searchsorted(shorter.ngrams, backed_off)]
        probabilities = (level.counts - taken) / total[places] + backoffs[places] * lower
        figures.append(Smoothed(probabilities, backoffs))
    return figures


def unigrams(level: Level, own: Smoothed, vocab_size: int) -> Floats:
    """[vocab] probabilities after the empty context, whose level and figures these are."""
    found = np.full(vocab_size, own.backoffs[0] / (vocab_size - 1))
    found[level.ngrams] = own.probabilities
    found[PAD] = 0.0
    return found


def counted_nats(levels: Sequence[Level], figures: Sequence[Smoothed], vocab_size: int) -> float:
    """Nats a token of the very stream that was counted, each with all the context that there is for it."""
    nats, tokens = 0.0, 0
    for level, own in zip(levels, figures, strict=True):
        whole = np.full(len(level.contexts), level is levels[-1]) | (level.contexts % vocab_size == END)
        counts = np.where(whole[level.ngrams // vocab_size], level.counts, 0)
        nats, tokens = nats - float(np.sum(counts * np.log(own.probabilities))), tokens + int(counts.sum())
    return nats / tokens
