"""The validation loss is that of nearly all held-out text where there is no more of it than asked for."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

from textgen_core.tokenization.interface import END, PAD
from textgen_core.training.evaluator import Evaluator, PairEvaluator, even_rows
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


def test_all_pairs_are_read_where_there_are_few():
    stream = np.concatenate([[A, PAD, *[A] * (n % 5), *[B] * (n % 3), END] for n in range(62)])
    targets = stream[np.concatenate([np.arange(at + 1, at + end + 1) for at, end in _sides(stream)])]
    loss = PairEvaluator(Constant(), PairPlaces(stream), 32, 64, 100_000)()
    assert loss == pytest.approx(-float(np.mean(LOGPROBS[targets])), rel=1e-5)


def _sides(stream):
    places = PairPlaces(stream)
    return zip(places.separators, places.targets, strict=True)
