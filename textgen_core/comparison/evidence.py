"""What verdicts are made of: of each finished cell what held-out texts cost it, and what its own repeat.

Intervals are a paired bootstrap over seeds (Efron 1979). The held-out text after a seed is the same for all cells; what
each of them writes after it is its own, but has the prompt in common. So what is hard for all, or leads all astray,
cancels out in their differences. A figure is an array [1 + resamples]: of all texts, then of each resample.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from textgen_core.comparison.cells import Cell
from textgen_core.evaluation.bootstrap import weights
from textgen_core.evaluation.settings import BootstrapSettings

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Reads:
    """Sums of the texts after n seeds in each of b stretches [n, b]; zeros where a text is over, or there is none."""

    above: Floats
    below: Floats

    def rate(self, stretches: slice = slice(None)) -> Floats:
        """[1 + resamples] of above over below, in some of the stretches; NaN where there is nothing.

        All resamples are NaN where a single text, all others being over, tells nothing of the spread.
        """
        above, below = (values[:, stretches].sum(axis=1) for values in (self.above, self.below))
        drawn = _drawn(len(above))
        # einsum adds in one fixed order; a product's last bits would depend on the threads
        sums, sizes = (np.einsum("bn,n->b", drawn, values) for values in (above, below))
        rates: Floats = np.divide(sums, sizes, out=np.full_like(sums, np.nan), where=sizes > 0)
        if np.count_nonzero(below) < 2:
            rates[1:] = np.nan
        return rates

    @property
    def drift(self) -> Floats:
        """By how much the figure is higher late than early in the texts that last."""
        return self.lasting.rate(self._late) - self.lasting.rate(self._early)

    @property
    def plotted_drift(self) -> float:
        """The same of all texts, as charts over the position show them; NaN where nothing is early, or late."""
        return float(self.rate(self._late)[0] - self.rate(self._early)[0])

    @property
    def lasting(self) -> Reads:
        """The texts that have something early and late: of others, late would be of other texts than early, which
        differ even where none of them drifts."""
        both = np.minimum(*(self.below[:, part].sum(axis=1, keepdims=True) for part in (self._early, self._late))) > 0
        return Reads(self.above * both, self.below * both)

    @property
    def _early(self) -> slice:
        """The first quarter of the stretches."""
        return slice(0, max(1, self.below.shape[1] // 4))

    @property
    def _late(self) -> slice:
        """Their second half."""
        return slice(self.below.shape[1] // 2, None)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """A finished cell.

    Attributes:
        variant: name of what learns.
        family: its family.
        attentive: whether it is an encoder-decoder with attention.
        level: name of the level.
        kind: of its tokenizer.
        size: weights that were asked for; None for what is counted.
        share: of the training text.
        reading: bits over characters of held-out texts.
        repetition: repeated words over words of its own long continuations.
        speed: characters a second that it wrote; None where it wrote too little to tell.
        held_out: bits a character of all held-out text, as charts show it; None where evaluation has none.
        learned: whether it knows more than how frequent each character is.
        read_once: whether it has read as much as all of its share once.
    """

    variant: str
    family: str
    attentive: bool
    level: str
    kind: str
    size: int | None
    share: float
    reading: Reads
    repetition: Reads
    speed: float | None
    held_out: float | None = None
    learned: bool = True
    read_once: bool = True

    @property
    def name(self) -> str:
        """That of the cell."""
        return Cell(self.variant, self.level, self.size, self.share).name

    @property
    def bits(self) -> Floats:
        """Bits a character of the texts that were read stretch by stretch [1 + resamples]."""
        return self.reading.rate()


def ends(figure: Floats, among: int = 1) -> tuple[float, float] | tuple[None, None]:
    """The interval of a figure, as wide as it takes for those of so many to hold with about 95% all at once; none where
    all resamples are NaN.

    Of 25 figures and more each end lies between the two outermost of a thousand resamples, and is rough.
    """
    if np.isnan(figure[1:]).all():
        return None, None
    beyond = 0.025 / among
    low, high = np.nanquantile(figure[1:], [beyond, 1 - beyond])
    return float(low), float(high)


def letter_bits(texts: Iterable[str]) -> float:
    """Bits a character that texts take by how frequent their own characters are (Shannon 1948).

    A model that has learned anything needs fewer.
    """
    counts = Counter(character for text in texts for character in text)
    total = counts.total()
    return -math.fsum(count / total * math.log2(count / total) for count in counts.values())


@cache
def _drawn(texts: int) -> Floats:
    """[1 + resamples, texts] how often each is counted; the first row counts all once."""
    drawn: Floats = np.concatenate([np.ones((1, texts)), weights(texts, BootstrapSettings())])
    return drawn
