"""Batches of pairs: what is in them, that each pair comes once an epoch, and the same pair in one row."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.training.pair_streams import said, stream_of
from textgen_core.tokenization.interface import END, PAD
from textgen_core.training.pairs import PairPlaces, Pairs, Widths, joined

sides = st.lists(st.integers(2, 50), min_size=1, max_size=9)
documents = st.lists(st.lists(st.tuples(sides, sides), max_size=3), min_size=1, max_size=6).filter(any)
widths = st.builds(Widths, st.integers(1, 12), st.integers(1, 12))
rows = st.integers(1, 5)


@given(documents, rows, widths, st.integers(0, 20), st.integers(0, 99))
def test_a_batch_holds_pairs_cut_at_their_ends_and_depends_on_seed_and_number_alone(found, rows, widths, t, seed):
    places = PairPlaces(stream_of(found))
    batch = Pairs(places, rows, widths, seed)[t]
    again = Pairs(PairPlaces(stream_of(found)), rows, widths, seed)
    again[t + 1]
    assert all(np.array_equal(one, other) and one.dtype == np.int32 for one, other in zip(batch, again[t], strict=True))
    cut = {
        ((END, *source)[: widths.source], (*target, END)[: widths.target])
        for pairs in found
        for source, target in pairs
    }
    for source, length, tokens, targets in zip(*(values.tolist() for values in batch), strict=True):
        assert (tuple(source[:length]), tuple(said(targets))) in cut
        assert set(source[length:]) <= {PAD}
        count = len(said(targets))
        assert tokens == [PAD, *targets[: count - 1], *[PAD] * (widths.target - count)]


@given(documents, rows, st.integers(0, 99))
def test_an_epoch_holds_every_pair_once(found, rows, seed):
    places = PairPlaces(stream_of(found))
    pairs = Pairs(places, rows, places.widths(1000), seed)
    expected = sorted((tuple(source), tuple(target)) for each in found for source, target in each)
    count = len(expected)
    drawn = [
        (tuple(source[1:length]), tuple(said(targets)[:-1]))
        for t in range(-(-2 * count // rows))
        for source, length, _, targets in zip(*(values.tolist() for values in pairs[t]), strict=True)
    ]
    assert sorted(drawn[:count]) == sorted(drawn[count : 2 * count]) == expected
    assert places.cut(pairs.widths) == 0


@given(documents, st.integers(1, 12))
def test_widths_hold_the_longest_sides_and_what_is_longer_is_counted(found, limit):
    places = PairPlaces(stream_of(found))
    pairs = [pair for each in found for pair in each]
    widths = places.widths(limit)
    assert max(widths) <= limit
    assert places.cut(widths) == sum(max(len(source), len(target)) + 1 > limit for source, target in pairs)


@given(documents, rows, widths)
def test_a_pair_in_one_row_says_the_same(found, rows, widths):
    batch = Pairs(PairPlaces(stream_of(found)), rows, widths, seed=1)[0]
    tokens, targets, fresh = joined(batch)
    assert tokens.shape == targets.shape == (rows, sum(widths)) and fresh.all()
    for row, following, source, length, own, expected in zip(tokens, targets, *batch, strict=True):
        count = len(said(expected.tolist()))
        assert row[: length + count].tolist() == [*source[:length], *own[:count]]
        assert not row[length + count :].any()
        assert following.tolist() == [*[PAD] * length, *expected[:count], *[PAD] * (len(row) - length - count)]
