"""The n-gram model says what the book says: whatever the corpus, the order and the history."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models.ngrams import counted, stream_of, textbook
from textgen_core.errors import DatasetError
from textgen_core.models.directory import load_model, save_model
from textgen_core.tokenization.interface import END, PAD
from textgen_core.training.ngrams import levels
from textgen_core.training.ngrams.kneser_ney import counted_nats, discounts, smoothed
from textgen_core.training.ngrams.levels import count_levels
from textgen_core.training.ngrams.tally import tally

VOCAB = 6
letters = st.integers(2, VOCAB - 2)  # one token of the vocabulary is never seen
corpora = st.lists(st.lists(letters, max_size=12), min_size=1, max_size=8)
histories = st.lists(st.integers(END, VOCAB - 1), min_size=1, max_size=7)
orders = st.integers(1, 5)


def after(model, *histories):
    """[n, vocab] log-probabilities, by prefilling."""
    lengths = np.array([len(history) for history in histories], np.int32)
    tokens = np.array([[*history, *[PAD] * (max(lengths) - len(history))] for history in histories], np.int32)
    return np.asarray(model.prefill(tokens, lengths, model.init_state(len(histories)))[0])


@settings(deadline=None, max_examples=60)
@given(corpora, orders, st.lists(histories, min_size=1, max_size=3))
def test_it_says_what_the_book_says(documents, order, asked):
    model, book = counted(documents, order, VOCAB), textbook(documents, order, VOCAB)
    asked = [*asked, *([END, *document] for document in documents[:3])]
    for history, found in zip(asked, np.exp(after(model, *asked)), strict=True):
        np.testing.assert_allclose(found, book(history), rtol=1e-5, atol=0)
        assert found.sum() == pytest.approx(1, abs=1e-5) and found[PAD] == 0 and (found[1:] > 0).all()


@settings(deadline=None)
@given(corpora, orders)
def test_the_loss_on_what_was_counted_is_that_of_its_tokens(documents, order):
    counts = count_levels(stream_of(documents), VOCAB, order)
    book, nats = textbook(documents, order, VOCAB), []
    for document in documents:
        text = [END, *document, END]
        nats += [-np.log(book(text[:place])[text[place]]) for place in range(1, len(text))]
    assert counted_nats(counts, smoothed(counts, VOCAB), VOCAB) == pytest.approx(np.mean(nats))


def rich(vocab_size=12, documents=200, seed=0):
    """Documents whose counts of counts are sound at every order: letters mostly follow their neighbours."""
    generator = np.random.default_rng(seed)
    jumps = generator.random((documents, 40)) < 0.3
    steps = np.where(jumps, generator.zipf(1.6, jumps.shape), 1)
    return (np.cumsum(steps, axis=1) % (vocab_size - 2) + 2).tolist()


def test_on_a_corpus_with_all_three_discounts():
    documents = rich()
    found = [discounts(level.counts) for level in count_levels(stream_of(documents), 12, 4)]
    assert sum(len(set(own)) == 4 for own in found) >= 2, "another corpus: these estimates are not sound"
    model, book = counted(documents, 4, 12), textbook(documents, 4, 12)
    asked = [[END], [5, 6], [END, 5], [6, 9, 7], *documents[:5]]
    np.testing.assert_allclose(np.exp(after(model, *asked)), [book(history) for history in asked], rtol=1e-5)


@given(corpora, orders)
@settings(deadline=None)
def test_the_size_of_blocks_changes_nothing(documents, order):
    whole = count_levels(stream_of(documents), VOCAB, order)
    with patch.object(levels, "BLOCK", 3):
        in_blocks = count_levels(stream_of(documents), VOCAB, order)
    for one, other in zip(whole, in_blocks, strict=True):
        for table, same in zip(one, other, strict=True):
            np.testing.assert_array_equal(table, same)


@given(st.lists(st.lists(st.integers(0, 9), max_size=9), max_size=9))
def test_a_tally_is_what_counting_all_at_once_gives(blocks):
    found = tally(np.array(block, np.int64) for block in blocks)
    keys, counts = np.unique(np.array([key for block in blocks for key in block], np.int64), return_counts=True)
    np.testing.assert_array_equal(found.keys, keys)
    np.testing.assert_array_equal(found.counts, counts)


@given(corpora, orders)
@settings(deadline=None)
def test_probabilities_and_backoffs_of_every_context_sum_to_one(documents, order):
    counts = count_levels(stream_of(documents), VOCAB, order)
    below = None
    for level, own in zip(counts, smoothed(counts, VOCAB), strict=True):
        places, tokens = np.divmod(level.ngrams, VOCAB)
        lower = np.full((1, VOCAB), 1 / (VOCAB - 1)) if below is None else below
        full = own.backoffs[:, None] * (lower if below is None else lower[level.contexts // VOCAB])
        full[places, tokens] = own.probabilities
        full[:, PAD] = 0
        np.testing.assert_allclose(full.sum(axis=1), 1, rtol=1e-12)
        below = full


def test_a_context_that_was_not_seen_backs_off_to_the_bit():
    model = counted([[2, 3, 4, 2, 3, 2], [4, 3, 2]], 4, VOCAB)
    unseen, seen, shorter = after(model, [5, 2, 3], [4, 2, 3], [2, 3])
    np.testing.assert_array_equal(unseen, shorter)
    assert not np.array_equal(seen, shorter)
    np.testing.assert_array_equal(*after(model, [2, 3, 5], [5]))


def test_nothing_before_an_end_has_any_effect():
    model = counted([[2, 3, 4], [2, 4]], 4, VOCAB)
    later, first, anywhere = after(model, [4, END, 2], [END, 2], [2])
    np.testing.assert_array_equal(later, first)
    assert not np.array_equal(first, anywhere)


def test_tables_that_do_not_fit_are_one_clear_error(tmp_path):
    model = counted([[2, 3, 4], [2, 4]], 3, VOCAB)
    save_model(model, model.settings, tmp_path)
    config = tmp_path / "config.json"
    config.write_text(config.read_text().replace(f'"vocab_size": {VOCAB}', '"vocab_size": 9'))
    with pytest.raises(DatasetError, match="unigrams is"):
        load_model(tmp_path)
