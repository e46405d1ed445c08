"""Distinct-n of a group: equal to sets of n-grams, and an interval that covers what it says."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.datasets.parts import PartWriter
from textgen_core.evaluation.ngrams import NGrams, word_hashes
from textgen_core.evaluation.pooled import pooled_distinct, read_ngrams

ROWS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 3), st.none() | st.lists(st.sampled_from("abc"), max_size=6)),
    max_size=8,
)


def gathered(texts, n, limit=1 << 20, batch=3):
    ngrams = NGrams(n, limit)
    for first in range(0, len(texts), batch):
        ngrams.add(*word_hashes(texts[first : first + batch]))
    return ngrams


def brute(texts, n):
    grams = [tuple(words[at : at + n]) for words in texts for at in range(len(words or ()) - n + 1)]
    return len(set(grams)) / len(grams) if grams else np.nan


@given(rows=ROWS, n=st.integers(1, 3))
@settings(max_examples=200, deadline=None)
def test_it_is_a_set_of_ngrams_over_all_of_them_and_its_interval_a_jackknife(rows, n) -> None:
    group = np.array([row[0] for row in rows], np.int64)
    unit = np.array([row[1] for row in rows], np.int64)
    found = pooled_distinct(gathered([words for _, _, words in rows], n), group, 3, unit)
    for number in range(3):
        inside = [(seed, words) for which, seed, words in rows if which == number]
        seeds = {seed for seed, _ in inside}
        value = brute([words for _, words in inside], n)
        assert found.value[number] == pytest.approx(value, nan_ok=True)
        assert found.rows[number] == sum(len(words or ()) >= n for _, words in inside)
        without = [brute([words for seed, words in inside if seed != left], n) for left in seeds]
        error = 1.959964 * np.sqrt((len(seeds) - 1) * np.var(without)) if value < 1 and len(seeds) > 1 else np.nan
        assert found.low[number] == pytest.approx(np.maximum(0, value - error), nan_ok=True)
        assert found.high[number] == pytest.approx(np.minimum(1, value + error), nan_ok=True)


@given(rows=st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=9), max_size=12), seed=st.randoms())
@settings(deadline=None)
def test_which_ngrams_are_kept_depends_on_no_order(rows, seed) -> None:
    shuffled = rows.copy()
    seed.shuffle(shuffled)
    one, other = gathered(rows, 2, limit=10), gathered(shuffled, 2, limit=10, batch=1)
    assert one.level == other.level
    assert sorted(one.occurrences[0].tolist()) == sorted(other.occurrences[0].tolist())
    hashes = gathered(rows, 2).occurrences[0]
    fitting = next(level for level in range(64) if np.sum(hashes & np.uint64((1 << level) - 1) == 0) <= 10)
    assert one.level == fitting


def test_an_estimate_from_a_share_is_jackknifed_as_what_it_stands_for() -> None:
    ngrams, unit = NGrams(1, 400), np.repeat(np.arange(40), 2)
    ngrams.add(corpus(np.random.default_rng(0)), np.full(80, 30))
    scale, (hashes, rows) = 1 << ngrams.level, ngrams.occurrences
    without = [scale * len(set(hashes[unit[rows] != left])) / (39 * 60) for left in range(40)]
    kinds = scale * len(set(hashes))
    error = 1.959964 * np.sqrt(39 * np.var(without) + kinds * (scale - 1) / 2400**2)
    value, low, _, _ = pooled_distinct(ngrams, np.zeros(80, np.int64), 1, unit)
    assert scale > 1
    assert (value[0], low[0]) == (pytest.approx(kinds / 2400), pytest.approx(kinds / 2400 - error))


def corpus(draw, seeds=40):
    """Texts of 2 x 30 words of a Zipf distribution, each seed's with words of its own topic; hashes of its own."""
    shares = 1 / np.arange(1, 3001)
    shares /= shares.sum()
    common = draw.choice(3000, (seeds, 2, 30), p=shares)
    topics = draw.integers(0, 200, (seeds, 1, 1)) * 10 + 5000 + draw.integers(0, 10, common.shape)
    words = np.where(draw.random(common.shape) < 0.3, topics, common) + draw.integers(1 << 60)
    return words.ravel().astype(np.uint64)


@pytest.mark.parametrize("limit", [1 << 20, 400], ids=["all n-grams", "a share of them"])
@pytest.mark.parametrize("n", [1, 2])
def test_the_interval_covers_the_expected_value(n: int, limit: int) -> None:
    draw, units = np.random.default_rng(0), np.repeat(np.arange(40), 2)
    found = []
    for _ in range(300):
        ngrams = NGrams(n, limit)
        ngrams.add(corpus(draw), np.full(80, 30))
        found.append([float(figures[0]) for figures in pooled_distinct(ngrams, np.zeros(80, np.int64), 1, units)[:3]])
    values, low, high = np.array(found).T
    expected = values.mean()
    coverage = np.mean((low <= expected) & (expected <= high))
    assert coverage >= 0.92
    assert np.mean(high - low) < 6 * values.std()  # not by being wide


def test_it_reads_the_words_of_generations_failed_ones_left_out(tmp_path) -> None:
    schema = pa.schema([("text", pa.string()), ("finish_reason", pa.string())])
    for number, texts in enumerate(([("The cat. The", "end"), ("The dog", "error")], [("cat", "length")])):
        with PartWriter(tmp_path / f"part-{number}.parquet", schema) as part:
            part.write([{"text": text, "finish_reason": reason} for text, reason in texts])
    one, two = read_ngrams(tmp_path, (1, 2))
    code = np.zeros(3, np.int64)
    assert float(pooled_distinct(one, code, 1, np.arange(3)).value[0]) == 3 / 5  # The, cat, the mark
    assert float(pooled_distinct(two, code, 1, np.arange(3)).value[0]) == 1
