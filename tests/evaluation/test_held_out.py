"""Bits per original character: checked by hand, and comparable between levels."""

import math

import numpy as np
import pytest

from tests.tokenization.documents import write_documents
from textgen_core.errors import InputError
from textgen_core.evaluation.held_out import held_out_rows, read_held_out
from textgen_core.evaluation.settings import EvaluationSettings
from textgen_core.progress import silent
from textgen_core.tokenization.settings import ByteSettings, CharSettings, SubwordSettings, WordSettings
from textgen_core.tokenization.stage import TokenizationSettings, tokenize
from textgen_core.tokenization.tokenizers import load_tokenizer

OUTCOMES = 0x110000 - 0x800 + 1


class Uniform:
    """Finds every token as likely as any other."""

    carries_state, max_context = False, None

    def __init__(self, tokenizer):
        self.vocab_size = tokenizer.vocab_size

    def read(self, tokens, following, state=None):
        return np.full(following.shape, -math.log(self.vocab_size)), None


class ByBytes(Uniform):
    """Gives a token the probability that its bytes have in a model of bytes: the same for a text however it is cut."""

    def __init__(self, tokenizer):
        super().__init__(tokenizer)
        nats = -np.log(np.random.default_rng(0).dirichlet(np.ones(256)))
        self._nats = np.array([nats[list(piece)].sum() for piece in tokenizer.pieces])

    def read(self, tokens, following, state=None):
        return -self._nats[following], None


def figures(folder, texts, kind, reader, pairs=None, **options):
    """The held-out rows by metric, of a tokenizer learned from the train texts."""
    settings = EvaluationSettings(
        generations=folder, model=folder, tokens=folder / "tokens", corpus=folder / "corpus", output=folder, **options
    )
    write_documents(settings.corpus, texts)
    places = {"corpus": settings.corpus, "output": settings.tokens}
    tokenize(TokenizationSettings(tokenizer=kind, pairs=pairs, **places), silent)
    tokenizer = load_tokenizer(settings.tokens)
    rows = held_out_rows(settings, read_held_out(settings, tokenizer), reader(tokenizer), tokenizer)
    return {row["metric"]: row for row in rows}


def test_a_word_levels_unknowns_are_charged_their_spelling_by_hand(tmp_path):
    """Train: ``to be`` twice and the rare ``x``: the words are "to" and " be". Held out: ``to x be`` is
    to, space, unknown, be, end. The speller has seen one word, x, so that after the start x has the count 1 of 1."""
    texts = [("train", "to be"), ("train", "to be"), ("train", "x"), ("validation", "to x be")]
    found = figures(tmp_path, texts, WordSettings(), Uniform)
    vocabulary = 2 + 2 + 2  # PAD, END; unknown, space; two words
    unigram = (1 + 2 / OUTCOMES) / (2 + 2)  # of x, and as much of the end: one of two outcomes, two kinds
    spelling = -2 * math.log2((1 + 1 * unigram) / (1 + 1))  # x after the start, the end after x
    bits = 5 * math.log2(vocabulary) + spelling
    assert found["bits_per_char"]["value"] == pytest.approx(bits / len("to x be"))
    assert found["perplexity_word"]["value"] == pytest.approx(2 ** (bits / 3))
    assert found["perplexity"]["value"] == pytest.approx(vocabulary)


def test_a_word_that_is_a_whole_text_has_no_perplexity_that_a_float_could_hold(tmp_path):
    verse = "千字文天地玄黃宇宙洪荒日月盈昃辰宿列張" * 30
    found = figures(tmp_path, [("train", verse), *[("validation", verse)] * 2], CharSettings(), Uniform)
    word = found["perplexity_word"]
    assert (word["value"], word["low"], word["high"]) == (None, None, None)
    assert found["bits_per_char"]["value"] > 4


@pytest.mark.parametrize("kind", [CharSettings(), ByteSettings(), WordSettings(min_count=1), SubwordSettings()])
def test_a_text_has_the_same_bits_per_character_at_every_level(tmp_path, kind):
    texts = [
        ("train", "the cat sat on the mat, ünd"),
        ("train", "on"),
        ("validation", "the mat sat"),
        ("validation", "on the ünd cat"),
    ]
    found = figures(tmp_path, texts, kind, ByBytes)
    nats = -np.log(np.random.default_rng(0).dirichlet(np.ones(256)))
    held_out = [text for split, text in texts if split == "validation"]
    bits = sum(nats[byte] for text in held_out for byte in text.encode()) / math.log(2)
    assert found["bits_per_char"]["value"] == pytest.approx(bits / sum(map(len, held_out)))
    assert found["perplexity_word"]["value"] == pytest.approx(2 ** (bits / 7))


def test_a_limit_takes_whole_documents(tmp_path):
    texts = [("train", "abc"), *(("validation", "abc" * (n + 1)) for n in range(20))]
    one = figures(tmp_path / "a", texts, CharSettings(), Uniform, held_out_tokens=100)
    assert 1 < one["perplexity"]["n"] < 20
    assert one["bits_per_char"]["low"] < one["bits_per_char"]["value"] < one["bits_per_char"]["high"]


def test_an_empty_split_is_an_error_with_its_remedy(tmp_path):
    with pytest.raises(InputError, match=r"test split .* name another split"):
        figures(tmp_path, [("train", "a"), ("validation", "a")], CharSettings(), Uniform, held_out="test")
