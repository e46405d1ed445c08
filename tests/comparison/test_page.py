"""Which cell is best is told by what it saves on the texts that another has read, too."""

import dataclasses
import re

import numpy as np
import pytest

from tests.comparison.made import BLOCKS, grid, reads
from textgen_core.comparison.page import best, comparable
from textgen_core.reporting.samples import Seed

BASE = grid()[0]


def cells(**bits):
    """Cells that need so many bits on the same texts, which differ by half a bit: intervals overlap all the more."""
    own = {
        name: dataclasses.replace(BASE, reading=reads(np.full(BLOCKS, cost), key))
        for key, (name, cost) in enumerate(bits.items())
    }
    return [{"cell": name, "failure": None, "bits_per_char": cost} for name, cost in bits.items()], own


@pytest.mark.parametrize(("gap", "apart"), [(0.05, True), (0.0005, False)])
def test_the_difference_is_paired(gap, apart):
    told = best(*cells(second=2 + gap, first=2.0, third=3.0))
    assert told.startswith("first spells held-out text best, in 2.000 bits a character, before second")
    assert ("can't be told apart" not in told) == apart and "overlap" not in told and "95%" in told


@pytest.mark.parametrize("saved", [0.3, -0.3])
def test_an_interval_holds_the_difference_beside_it_which_is_of_other_texts_than_the_figures(saved):
    rows, own = cells(first=2.0, second=2.0 + saved)
    told = best([row | {"bits_per_char": bits} for row, bits in zip(rows, (1.754, 4.201), strict=True)], own)
    verb = "In the texts after the seeds first saves" if saved > 0 else "But in the texts after the seeds second saves"
    value, low, high = map(float, re.search(verb + r" (\S+) \(95%: (\S+) to (\S+)\)\.$", told).groups())
    assert low < value < high and value == pytest.approx(abs(saved), abs=0.01)
    assert "1.754" in told and "4.201" in told


def test_alone_or_without_any_there_is_nothing_to_compare():
    assert best(*cells(only=2.0)) == "only spells held-out text in 2.000 bits a character."
    assert best([{"cell": "a", "failure": "no", "bits_per_char": None}], {}) == ""


def test_seeds_with_human_text_are_shown_first():
    seeds = [Seed(f"s{n}", "a prompt", {}) for n in range(5)]
    assert [seed.id for seed in comparable(seeds, {"s3": "text", "s1": "more"})] == ["s1", "s3", "s0", "s2", "s4"]
    assert comparable(seeds, {}) == seeds
