"""Distinct-n at a shared size, against the mean over all ways to draw so many, written out."""

from itertools import combinations
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.datasets.parts import PartWriter
from textgen_core.datasets.schemas import GENERATIONS
from textgen_core.evaluation.rarefied import Occurrences, distinct_of_like_size, read_occurrences


@st.composite
def groups(draw, most=9):
    """A group of few n-grams, of two seeds or more."""
    seeds = draw(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=3), min_size=2, max_size=3))
    kinds = [kind for seed in seeds for kind in seed]
    unit = [number for number, seed in enumerate(seeds) for _ in seed]
    numbered = np.unique(kinds, return_inverse=True)[1]
    return Occurrences(numbered.astype(np.int64), np.array(unit, np.int64))


def mean_share(kinds, size):
    return fmean(len(set(drawn)) / size for drawn in combinations(kinds, size))


def by_hand(group, size):
    kinds, unit = group.kind.tolist(), group.unit.tolist()
    without = [
        mean_share([kind for kind, own in zip(kinds, unit, strict=True) if own != left], size) for left in set(unit)
    ]
    count, mean = len(without), fmean(without)
    return mean_share(kinds, size), 1.959964 * (sum((one - mean) ** 2 for one in without) * (count - 1) / count) ** 0.5


@settings(max_examples=60, deadline=None)
@given(st.lists(groups(), min_size=1, max_size=3))
def test_it_is_the_mean_over_all_draws_and_its_jackknife(found):
    size, figures = distinct_of_like_size(found)
    left = [len(group.unit) - max(np.bincount(group.unit)) for group in found]
    assert size == min(own for own in left if own >= left[0] / 2)
    for group, figure, own in zip(found, figures, left, strict=True):
        assert (figure is None) == (own < left[0] / 2)
        if figure is not None:
            value, spread = by_hand(group, size)
            assert figure.value == pytest.approx(value)
            assert figure.low == pytest.approx(max(0, value - spread), abs=1e-6)
            assert figure.high == pytest.approx(min(1, value + spread), abs=1e-6)


def test_ending_early_does_not_make_diverse():
    """The same source of words, once cut short: plain distinct-n rises, this does not."""
    words = np.random.default_rng(0).integers(0, 300, (60, 40))

    def group(length):
        cut = words[:, :length]
        return Occurrences(np.unique(cut, return_inverse=True)[1].ravel(), np.repeat(np.arange(60), length))

    long, short = group(40), group(22)
    assert len(set(short.kind.tolist())) / len(short.kind) > 1.3 * len(set(long.kind.tolist())) / len(long.kind)
    _, (of_long, of_short) = distinct_of_like_size([long, short])
    assert of_long.low < of_short.value < of_long.high


def test_a_single_seed_gives_nothing_to_compare():
    lone = Occurrences(np.zeros(5, np.int64), np.zeros(5, np.int64))
    assert distinct_of_like_size([lone, lone]) == (0, [None, None])
    assert distinct_of_like_size([Occurrences(*np.zeros((2, 0), np.int64))]) == (0, [None])


def test_rules_drawn_of_hyphens_are_no_words(tmp_path):
    texts = {"plain": "one two three", "ruled": "one two ---------- three + = three"}
    rows = [
        {"seed_id": "a", "sample_index": 0, "sampler": name, "prompt": "", "text": text, "token_ids": [], "n_tokens": 0}
        | {"logprob": 0.0, "finish_reason": "end", "prompt_cut": False, "model_id": ""}
        for name, text in texts.items()
    ]
    with PartWriter(tmp_path / "part-00000.parquet", GENERATIONS) as part:
        part.write(rows)
    found = read_occurrences(tmp_path)
    assert {name: len(group.kind) for name, group in found.items()} == {"plain": 2, "ruled": 3}
