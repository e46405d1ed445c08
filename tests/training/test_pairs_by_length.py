"""Batches of pairs of like length: what is in them, what they cost, and that each pair comes once an epoch."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.pair_streams import said, stream_of
from textgen_core.tokenization.interface import END, PAD
from textgen_core.training.pairs import PairPlaces
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
def test_an_epoch_holds_every_pair_once(found, rows, share, limit, seed):
    drawn = Counter()
    for batch in epoch_of(batches_of(found, rows, share, limit, seed)):
        for source, length, tokens, targets in zip(*(values.tolist() for values in batch), strict=True):
            assert not any(source[length:])
            assert tokens[1:] == [*said(targets)[:-1], *[PAD] * (len(tokens) - max(1, len(said(targets))))]
            drawn[tuple(source[:length]), tuple(said(targets))] += 1
    empty = ((), ())
    whole = [((END, *source), (*target, END)) for source, target in pairs_of(found)]
    assert drawn - Counter({empty: drawn[empty]}) == Counter(
        (source[:limit], target[:limit]) for source, target in whole
    )


@cases
def test_all_batches_have_one_of_a_few_shapes_and_as_many_pairs_as_their_tokens_allow(found, rows, share, limit, seed):
    batches = batches_of(found, rows, share, limit, seed)
    shapes, side = batches.shapes, rows * share * limit
    assert 1 <= len(shapes) <= HALVINGS + 1 and shapes[0].widths == batches.places.widths(limit)

    def affordable(count, sides):
        return count * sum(sides) <= 2 * side and count * sides[1] <= side

    left = len(found)  # pairs that need no more than this width
    for widths, count, pairs in shapes:
        assert affordable(count, widths)
        assert count == left or (count % (rows * share) == 0 and not affordable(count + rows * share, widths))
        left -= pairs
    for batch in epoch_of(batches):
        sides = batch.source.shape[1], batch.targets.shape[1]
        assert len(batch.source) % share == 0
        assert any(sides == widths and count <= len(batch.source) < count + share for widths, count, _ in shapes)


@cases
def test_a_batch_is_a_function_of_seed_and_number(found, rows, share, limit, seed):
    batches, again = (batches_of(found, rows, share, limit, seed) for _ in range(2))
    numbers = [*range(3 * batches.per_epoch)]
    forth, back = [batches[t] for t in numbers], [again[t] for t in reversed(numbers)][::-1]
    for one, other in zip(forth, back, strict=True):
        assert all(np.array_equal(a, b) and a.dtype == np.int32 for a, b in zip(one, other, strict=True))


@cases
def test_a_batch_in_parts_holds_the_same_pairs(found, rows, share, limit, seed):
    places = PairPlaces(stream_of([pairs_of(found)]))
    whole, parted = (PairsByLength(places, rows * share, own, limit, seed) for own in (1, share))
    for one, other in zip(epoch_of(whole), epoch_of(parted), strict=True):
        assert all(np.array_equal(a, b[: len(a)]) and not b[len(a) :].any() for a, b in zip(one, other, strict=True))


@cases
def test_what_a_batch_holds_on_average_is_what_they_hold(found, rows, share, limit, seed):
    batches = batches_of(found, rows, share, limit, seed)
    own = epoch_of(batches)
    targets = np.mean([(batch.targets != PAD).sum() for batch in own])
    assert batches.targets == pytest.approx(targets)
    assert batches.tokens == round(targets + np.mean([batch.lengths.sum() for batch in own]))


def test_parts_of_a_batch_are_as_full_as_the_whole():
    """Nine pairs of 224 tokens have no more than eight of 256, but in eight parts one would be left over."""
    batches = batches_of([(223, 223)] * 60 + [(60, 60)] * 200, 1, 8, 256, 0)
    assert [shape.rows for shape in batches.shapes] == [8, 32]


def test_epochs_and_seeds_differ():
    found = [(5, 7)] * 64 + [(5, 70)] * 64
    one, other = (batches_of(found, 8, 1, 100, seed) for seed in (0, 1))
    firsts = [one[0], one[one.per_epoch], other[0]]
    assert len({batch.source.tobytes() for batch in firsts}) == 3


def test_each_stretch_of_an_epoch_has_widths_in_the_proportions_of_the_whole():
    draw = np.random.default_rng(1)
    batches = batches_of([(9, 1 + int(length)) for length in draw.exponential(100, 3000)], 4, 1, 576, 0)
    widths = [batch.targets.shape[1] for batch in epoch_of(batches)]
    stretch = 24
    assert len(set(widths)) == 4 and len(widths) > 3 * stretch
    for begin in range(len(widths) - stretch):
        own = Counter(widths[begin : begin + stretch])
        for width, count in Counter(widths).items():
            assert abs(own[width] - stretch * count / len(widths)) < 2


def test_most_of_what_is_computed_is_text():
    draw = np.random.default_rng(0)
    found = [(9, 1 + int(length)) for length in draw.exponential(100, 600)]
    batches = batches_of(found, 4, 1, 576, 0)
    places = batches.places

    def filled(own):
        text = sum(int(batch.lengths.sum() + (batch.targets > 0).sum()) for batch in own)
        return text / sum(batch.source.size + batch.targets.size for batch in own)

    assert filled([places.some(600, 576)]) < 0.25 < 0.6 < filled(epoch_of(batches))
