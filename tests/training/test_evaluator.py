"""The validation loss is that of nearly all held-out text where there is no more of it than asked for."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

from textgen_core.tokenization.interface import END, PAD
from textgen_core.training.evaluator import SIDE, Evaluator, PairEvaluator, even_rows
from textgen_core.training.pairs import PairPlaces

LOGPROBS = np.log([0.1, 0.1, 0.5, 0.3]).astype(np.float32)
A, B = 2, 3


class Constant(SimpleNamespace):
    """A model that always expects the same."""

    scans = carries_state = reads_source = False
    max_context = None

    def __call__(self, tokens):
        return ops.zeros((*tokens.shape, len(LOGPROBS))) + LOGPROBS


@given(st.integers(1, 3000), st.integers(1, 64))
def test_rows_leave_little_over_and_are_hardly_fewer(units, rows):
    even = even_rows(units, rows)
    assert min(rows, units) / 2 <= even <= rows
    read = even * (units // even)
    assert read >= 0.8 * units
    if 16 * (units // rows * rows) >= 15 * units:
        assert even == rows


def test_a_small_split_is_read_nearly_whole():
    # Were each of 32 rows to read one window of its 125 tokens, none would see a B.
    stream = np.where(np.arange(4000) % 125 < 65, A, B)
    whole = -float(np.mean(LOGPROBS[stream]))
    assert Evaluator(Constant(), stream, 32, 64, 100_000)() == pytest.approx(whole, rel=0.02)


@pytest.mark.parametrize("tokens", [4096, 2048, 1])
def test_of_a_large_split_each_row_reads_its_share(tokens):
    stretch = 10_000
    windows = max(1, tokens // (32 * 64))
    stream = np.where(np.arange(32 * stretch) % stretch <= windows * 64, A, B)
    assert Evaluator(Constant(), stream, 32, 64, tokens)() == pytest.approx(-LOGPROBS[A])


def pairs_stream():
    """Long targets say A, short ones B: in batches of two shapes."""
    long, short = ([A, PAD, *[A] * 150, END], [A, PAD, *[B] * 9, END])
    return np.concatenate([long] * 3 + [short] * 31)


@pytest.mark.parametrize("limits", [{}, {"max_context": 600}], ids=["without a limit", "in a context"])
def test_all_pairs_are_read_where_there_are_few_and_each_target_counts_alike(limits):
    stream, model = pairs_stream(), Constant(**limits)
    targets = np.concatenate([stream[at + 1 : at + 1 + end] for at, end in _sides(stream)])
    evaluate = PairEvaluator(model, PairPlaces(stream), 2, 256, 100_000)
    assert evaluate() == pytest.approx(-float(np.mean(LOGPROBS[targets])), rel=1e-5)


def test_of_many_pairs_about_as_many_tokens_are_read_as_asked_for():
    evaluate = PairEvaluator(Constant(), PairPlaces(np.tile([A, PAD, B, END], 4096)), 8, 64, 2000)
    pairs, program = [], evaluate._program
    evaluate._program = lambda *values: pairs.append(len(values[0])) or program(*values)
    assert evaluate() == pytest.approx(-float(np.mean(LOGPROBS[[B, END]])), rel=1e-5)
    assert 450 <= sum(pairs) <= 550  # of four tokens each


@pytest.mark.parametrize("reads_source", [False, True])
@pytest.mark.parametrize(("rows", "window"), [(1, 256), (16, 64)])
def test_of_many_pairs_all_families_read_the_same_ones(reads_source, rows, window):
    """Two thirds of them say B, which costs more; how many of those are read shows in the loss."""
    pairs = [[A, PAD, *[B if n % 3 else A] * (1 + n % 40), END] for n in range(500)]
    places = PairPlaces(np.concatenate(pairs))
    model = Constant(reads_source=reads_source, max_context=None)
    found = PairEvaluator(model, places, rows, window, 2000)
    drawn = places.drawn(2000, SIDE)
    assert len(drawn.separators) < len(places.separators)
    targets = np.concatenate([drawn.stream[at + 1 : at + 1 + end] for at, end in _sides(drawn.stream)])
    read = sum(int((found._batches[t].targets != PAD).sum()) for t in range(found._batches.per_epoch))
    assert read == len(targets)
    if not reads_source:
        assert found() == pytest.approx(-float(np.mean(LOGPROBS[targets])), rel=1e-5)


def test_no_side_is_read_beyond_what_all_read_or_a_context_has_room_for():
    """What lies beyond is B, which costs more."""
    stream = np.concatenate([[A, PAD, *[A] * 100, *[B] * 400, END]] * 4)
    models = (Constant(), Constant(max_context=200))
    far, near = (PairEvaluator(model, PairPlaces(stream), 4, 64, 10**6)() for model in models)
    assert near == pytest.approx(-float(LOGPROBS[A]), rel=1e-5)
    assert far == pytest.approx(-float(np.mean(LOGPROBS[[A] * 100 + [B] * (SIDE - 100)])), rel=1e-5)


@pytest.mark.parametrize(("window", "read"), [(64, 64), (2 * SIDE, SIDE)])
def test_an_encoder_decoder_is_measured_on_no_more_than_others_or_than_its_window(window, read):
    places = PairPlaces(np.array([A, PAD, *[A] * 3 * SIDE, END]))
    evaluate = PairEvaluator(Constant(reads_source=True), places, 4, window, 10**6)
    assert evaluate._batches[0].targets.shape[1] == read


def _sides(stream):
    places = PairPlaces(stream)
    return zip(places.separators, places.targets, strict=True)
