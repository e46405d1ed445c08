"""Batches of pairs: what is in them, and the same pair in one row."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.training.pair_streams import said, stream_of
from textgen_core.tokenization.interface import END, PAD
from textgen_core.training.pairs import PairPlaces, Widths, joined

sides = st.lists(st.integers(2, 50), min_size=1, max_size=9)
documents = st.lists(st.lists(st.tuples(sides, sides), max_size=3), min_size=1, max_size=6).filter(any)
widths = st.builds(Widths, st.integers(1, 12), st.integers(1, 12))
rows = st.integers(1, 5)


def read(batch):
    """(source, target) of each row, without what fills them up."""
    rows = zip(*(values.tolist() for values in batch), strict=True)
    return [(tuple(source[:length]), tuple(said(targets))) for source, length, _, targets in rows]


@given(documents, rows, widths, st.data())
def test_a_batch_holds_the_pairs_that_were_chosen_cut_at_their_ends(found, rows, widths, data):
    places = PairPlaces(stream_of(found))
    cut = [
        ((END, *source)[: widths.source], (*target, END)[: widths.target])
        for pairs in found
        for source, target in pairs
    ]
    chosen = data.draw(st.lists(st.integers(0, len(cut) - 1), max_size=rows))
    batch = places.batch(np.array(chosen, np.int64), widths, rows)
    assert all(values.dtype == np.int32 and len(values) == rows for values in batch)
    assert read(batch) == [*(cut[n] for n in chosen), *[((), ())] * (rows - len(chosen))]
    for source, length, tokens, targets in zip(*(values.tolist() for values in batch), strict=True):
        assert len(source) == widths.source and set(source[length:]) <= {PAD}
        count = len(said(targets))
        assert tokens == [PAD, *targets[: max(0, count - 1)], *[PAD] * (widths.target - max(1, count))]


@given(documents, st.integers(1, 20))
def test_some_are_the_same_ones_always_and_none_comes_again_before_all_have(found, count):
    places = PairPlaces(stream_of(found))
    drawn = read(places.some(count, 1000))
    assert drawn == read(places.some(count + 1, 1000))[:-1]
    whole = Counter(((END, *source), (*target, END)) for pairs in found for source, target in pairs)
    times, left = divmod(count, whole.total())
    rest = Counter(drawn) - Counter({pair: times * n for pair, n in whole.items()})
    assert rest.total() == left and not rest - whole


@given(documents, st.integers(1, 60), st.integers(1, 12))
def test_those_drawn_are_the_first_of_an_order_and_have_about_as_many_tokens(found, tokens, limit):
    places = PairPlaces(stream_of(found))
    whole, drawn = ({*range(len(each.separators))} for each in (places, places.drawn(10**6, limit)))
    assert whole == drawn, "all, where they have no more"

    def sizes(chosen):
        return np.minimum(chosen.sources, limit) + np.minimum(chosen.targets, limit)

    def held(chosen):
        return Counter(read(chosen.some(len(chosen.separators), 1000)))

    some, more = places.drawn(tokens, limit), places.drawn(tokens + 30, limit)
    assert held(some) <= held(more) <= held(places)
    assert len(some.separators) == len(places.separators) or sizes(some).sum() >= tokens
    assert len(some.separators) == 1 or sizes(some).sum() - 2 * limit < tokens


@given(documents, st.integers(1, 12))
def test_widths_hold_the_longest_sides_and_what_is_longer_is_counted(found, limit):
    places = PairPlaces(stream_of(found))
    pairs = [pair for each in found for pair in each]
    widths = places.widths(limit)
    assert max(widths) <= limit
    assert places.cut(widths) == sum(max(len(source), len(target)) + 1 > limit for source, target in pairs)


@given(documents, rows, widths)
def test_a_pair_in_one_row_says_the_same(found, rows, widths):
    places = PairPlaces(stream_of(found))
    batch = places.batch(np.arange(rows) % len(places.separators), widths, rows)
    tokens, targets, fresh = joined(batch)
    assert tokens.shape == targets.shape == (rows, sum(widths)) and fresh.all()
    for row, following, source, length, own, expected in zip(tokens, targets, *batch, strict=True):
        count = len(said(expected.tolist()))
        assert row[: length + count].tolist() == [*source[:length], *own[:count]]
        assert not row[length + count :].any()
        assert following.tolist() == [*[PAD] * length, *expected[:count], *[PAD] * (len(row) - length - count)]
