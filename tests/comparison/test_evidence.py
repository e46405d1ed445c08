"""Rates of made-up texts: what is hard for all, and what texts that end early leave out."""

import numpy as np
import pytest

from tests.comparison.made import BLOCKS, TEXTS, grid, poor, reads
from textgen_core.comparison.evidence import Reads, letter_bits


def test_what_is_hard_for_all_cancels_out():
    """The texts differ by half a bit and more; pairs of cells still tell a tenth of one."""
    own = grid(**poor(0.12))[0].reading.rate()
    assert np.quantile(own[1:], 0.975) - np.quantile(own[1:], 0.025) > 0.2


def test_texts_that_are_over_do_not_count():
    whole = reads(np.full(BLOCKS, 2.0), 1)
    above, below = whole.above.copy(), whole.below.copy()
    above[:10, 4:] = below[:10, 4:] = 0
    cut = Reads(above, below)
    assert cut.rate(slice(0, 4))[0] == whole.rate(slice(0, 4))[0]
    assert cut.rate(slice(4, None))[0] == pytest.approx(whole.above[10:, 4:].sum() / whole.below[10:, 4:].sum())
    assert np.isnan(Reads(np.zeros((3, 4)), np.zeros((3, 4))).drift).all()


def test_texts_that_are_over_do_not_make_the_others_drift():
    """Half of them say nothing again and end early; the others repeat four words of ten, early as late."""
    words = np.full((TEXTS, BLOCKS), 10.0)
    words[: TEXTS // 2, BLOCKS // 4 :] = 0
    rates = np.repeat([0.0, 0.4], TEXTS // 2)[:, None]
    found = Reads(rates * words, words)
    assert found.drift == pytest.approx(np.zeros(len(found.drift)))
    assert found.rate(slice(0, BLOCKS // 4))[0] == pytest.approx(0.2), "which is what all of them have early"
    missing = Reads(found.above[:, ::-1], found.below[:, ::-1])
    assert missing.drift == pytest.approx(np.zeros(len(missing.drift))), "nor does what only some have late"


def test_letters_take_as_many_bits_as_their_frequencies_say():
    assert letter_bits(["aab", "bccdd"]) == pytest.approx(2.0) and letter_bits(["aaaa"]) == 0
