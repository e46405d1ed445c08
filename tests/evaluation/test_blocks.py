"""Intervals where a document or two are held out."""

import math

import numpy as np
import pytest

from tests.evaluation.test_held_out import ByBytes, figures
from textgen_core.evaluation.blocks import LONGEST, Document, by_block, by_document
from textgen_core.evaluation.bootstrap import ratio_intervals
from textgen_core.evaluation.settings import BootstrapSettings
from textgen_core.tokenization.byte import ByteTokenizer
from textgen_core.tokenization.settings import CharSettings, WordSettings
from textgen_core.tokenization.word import WordTokenizer

BYTES = ByteTokenizer()


def spoken(draw, length):
    """Letters of a source that stays with one of two topics for 20 letters on average, as Document, and their cost."""
    topic = np.cumsum(draw.random(length) < 1 / 20) % 2
    letters = draw.integers(0, 4, length) + 4 * topic
    text = "".join("abcdefgh"[letter] for letter in letters)
    nats = np.array([1.0, 2, 1, 2, 3, 4, 3, 4, 0.5])[[*letters, 8]]
    document = Document(BYTES.encode([text])[0], length, 1, 0.0)
    return document, -nats.astype(np.float32)


def test_the_interval_of_one_long_document_covers_the_expected_value():
    """Blocks of tokens do; tokens by themselves, which a topic ties together, would not."""
    draw = np.random.default_rng(0)
    by_blocks, by_tokens = [], []
    for run in range(150):
        document, logprobs = spoken(draw, 8000)
        counts = by_block([document], [logprobs], BYTES)
        by_blocks.append(covers(counts.nats, counts.chars))
        if run < 15:
            by_tokens.append(covers(-logprobs[:-1].astype(np.float64), np.ones(8000)))
    assert np.mean(by_blocks) >= 0.88
    assert np.mean(by_tokens) <= 0.7


def covers(nats, chars):
    low, high = ratio_intervals(nats[:, None], chars[:, None], np.arange(len(nats)), BootstrapSettings(samples=200))
    return bool(low[0] <= 2.5 <= high[0])


def test_blocks_are_even_and_add_up_to_their_documents():
    tokenizer = WordTokenizer.fit(WordSettings(min_count=1), [["to be or not to be"]])
    texts = ["to be or not to be " * 700, "to x not to be", ""]
    documents = [
        Document(ids, len(text), len(text.split()), bits)
        for ids, text, bits in zip(tokenizer.encode(texts), texts, tokenizer.spelling_bits(texts), strict=True)
    ]
    logprobs = [-np.arange(1, len(document.token_ids) + 2, dtype=np.float32) for document in documents]
    whole = by_document(documents, logprobs, np.arange(3))
    blocks = by_block(documents, logprobs, tokenizer)
    for name in ("nats", "spelling", "tokens", "words", "chars"):
        assert math.fsum(getattr(blocks, name)) == pytest.approx(math.fsum(getattr(whole, name)))
    assert len(blocks.nats) > 50 and blocks.tokens.max() - blocks.tokens[:-2].min() <= 1
    assert np.count_nonzero(blocks.spelling) == 1  # where the unknown is
    inside = blocks.chars[:-3] / blocks.tokens[:-3]
    np.testing.assert_allclose(inside, 19 / 6, rtol=0.01)  # six words with a space each


def test_few_documents_are_cut_and_many_are_not(tmp_path):
    verse = "sing of the wrath of the son and of the sea "
    train = ("train", verse)
    one = figures(tmp_path / "one", [train, ("validation", verse * 40)], CharSettings(), ByBytes)
    many = figures(
        tmp_path / "many", [train, *[("validation", verse + str(n)) for n in range(40)]], CharSettings(), ByBytes
    )
    for row in (one["bits_per_char"], one["perplexity_word"], one["perplexity"]):
        assert row["low"] <= row["value"] <= row["high"] and row["low"] < row["high"]
        assert row["n"] == 1
        assert "xblock-of-" in row["signature"]
    assert "xdocument" in many["bits_per_char"]["signature"] and many["bits_per_char"]["n"] == 40


def test_very_long_texts_have_longer_blocks():
    length = 1_100_000
    document = Document([0] * length, length, 1, 0.0)
    counts = by_block([document], [np.zeros(length + 1, np.float32)], BYTES)
    assert len(counts.nats) <= 2000 and counts.tokens.min() > LONGEST
