"""Texts after the same seed are paired, also where a cell has none."""

import numpy as np
import pytest

from textgen_core.comparison.evidence import Reads
from textgen_core.comparison.positions import SUMMED, summed

BLOCKS = 3


def rows(author, lengths):
    """Of each seed a text of so many stretches, each of ten characters. As many words repeat as the seed's number."""
    return [
        {
            "author": author,
            "seed_id": seed,
            "block": block,
            **dict.fromkeys(SUMMED, 10),
            "repeated_words": int(seed[1:]),
        }
        for seed, length in lengths.items()
        for block in range(length)
    ]


def test_every_seed_has_the_same_line_in_all_cells():
    whole = rows("model", {"s1": 3, "s2": 2, "s3": 3})
    holes = rows("model", {"s3": 1, "s1": 3})
    found = summed({"whole": whole, "holes": holes, "none": []}, BLOCKS)
    repeated = {cell: sums["model"]["repeated_words"] for cell, sums in found.items()}
    assert repeated["whole"].tolist() == [[1, 1, 1], [2, 2, 0], [3, 3, 3]]
    assert repeated["holes"].tolist() == [[1, 1, 1], [0, 0, 0], [3, 0, 0]]
    assert repeated["none"].tolist() == np.zeros((3, BLOCKS)).tolist()
    reads = [Reads(sums["model"]["repeated_words"], sums["model"]["n_words"]) for sums in found.values()]
    assert (reads[0].drift - reads[1].drift).shape == (reads[0].drift - reads[2].drift).shape


def test_authors_are_apart_and_a_text_of_one_is_no_spread():
    found = summed({"one": [*rows("human", {"s1": 1, "s4": 2}), *rows("model", {"s2": 1})]}, BLOCKS)["one"]
    assert (len(found["human"]["bits"]), len(found["model"]["bits"])) == (2, 1)
    alone = Reads(found["human"]["repeated_words"], found["human"]["n_words"]).rate(slice(1, 2))
    assert alone[0] == pytest.approx(0.4) and np.isnan(alone[1:]).all()
