"""Batches of pairs of like length: what is in them, what they cost, and that each pair comes once an epoch."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.pair_streams import said, stream_of
from textgen_core.training.pairs import PairPlaces, Pairs
from textgen_core.training.pairs_by_length import HALVINGS, PairsByLength

lengths = st.integers(1, 90) | st.integers(1, 600)
texts = st.lists(st.tuples(lengths, lengths), min_size=1, max_size=40)
limits = st.integers(2, 700)


def pairs_of(found):
    """A pair for each two lengths, no two alike."""
    return [([2 + n] * source, [2 + n] * target) for n, (source, target) in enumerate(found)]


def batches_of(found, rows, share, limit, seed):
    return PairsByLength(PairPlaces(stream_of([pairs_of(found)])), rows * share, share, limit, seed)


def epoch_of(batches):
    """All batches of the first epoch."""
    return [batches[t] for t in range(batches.per_epoch)]


cases = given(texts, st.integers(1, 4), st.integers(1, 3), limits, st.integers(0, 9))


@cases
def test_an_epoch_holds_every_pair_once_and_to_fill_up_some_of_the_narrowest_again(found, rows, share, limit, seed):
    batches = batches_of(found, rows, share, limit, seed)
    drawn = Counter()
    for batch in epoch_of(batches):
        for source, length, tokens, targets in zip(*(values.tolist() for values in batch), strict=True):
            assert not any(source[length:])
            drawn[tuple(source[:length]), tuple(said(targets))] += 1
            assert said(tokens[1:]) == said(targets)[:-1] or len(said(targets)) == len(targets)
    whole = [((1, *source), (*target, 1)) for source, target in pairs_of(found)]
    expected = Counter((source[:limit], target[:limit]) for source, target in whole)
    assert drawn.keys() == expected.keys()
    again = sum((drawn - expected).values())
    assert not expected - drawn and again < max(shape.rows for shape in batches.shapes)


@cases
def test_all_batches_have_one_of_a_few_shapes_and_cost_no_more_than_one_of_the_full_width(
    found, rows, share, limit, seed
):
    batches = batches_of(found, rows, share, limit, seed)
    shapes, full = batches.shapes, batches.places.widths(limit)
    assert 1 <= len(shapes) <= HALVINGS + 1 and shapes[0].widths == full and shapes[0].rows == rows * share
    for batch in epoch_of(batches):
        sides = batch.source.shape[1], batch.targets.shape[1]
        assert (len(batch.source), sides) in [(shape.rows, shape.widths) for shape in shapes]
        assert len(batch.source) % share == 0
        assert rows * share * sum(full) / 2 < len(batch.source) * sum(sides) <= rows * share * sum(full)


@cases
def test_a_batch_is_a_function_of_seed_and_number(found, rows, share, limit, seed):
    batches, again = (batches_of(found, rows, share, limit, seed) for _ in range(2))
    numbers = [*range(3 * batches.per_epoch)]
    forth, back = [batches[t] for t in numbers], [again[t] for t in reversed(numbers)][::-1]
    for one, other in zip(forth, back, strict=True):
        assert all(np.array_equal(a, b) and a.dtype == np.int32 for a, b in zip(one, other, strict=True))


def test_epochs_and_seeds_differ():
    found = [(5, 7)] * 64
    one, other = (batches_of(found, 16, 1, 100, seed) for seed in (0, 1))
    firsts = [one[0], one[4], other[0]]
    assert len({batch.source.tobytes() for batch in firsts}) == 3


def test_what_a_batch_holds_on_average_is_what_they_hold():
    found = [(5, 60)] * 36 + [(5, 200)] * 8  # both fill their batches
    batches = batches_of(found, 4, 1, 1000, 0)
    own = epoch_of(batches)
    assert len(batches.shapes) == 2
    assert batches.targets == pytest.approx(np.mean([(batch.targets > 0).sum() for batch in own]))
    sources = np.mean([batch.lengths.sum() for batch in own])
    assert batches.tokens == round(batches.targets + sources)


def test_most_of_what_is_computed_is_text():
    draw = np.random.default_rng(0)
    found = [(9, 1 + int(length)) for length in draw.exponential(100, 600)]
    batches = batches_of(found, 4, 1, 576, 0)
    places = batches.places

    def filled(own):
        text = sum(int(batch.lengths.sum() + (batch.targets > 0).sum()) for batch in own)
        return text / sum(batch.source.size + batch.targets.size for batch in own)

    alike = Pairs(places, 4, places.widths(576), 0)
    assert filled([alike[t] for t in range(150)]) < 0.25 < 0.6 < filled(epoch_of(batches))
