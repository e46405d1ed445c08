"""Stretches are the text, their bits those of the whole text, and what was said before is what repeated_4 says."""

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textgen_core.comparison.stretches import bits_of, stretches
from textgen_core.evaluation.repetition import Repeated
from textgen_core.evaluation.samples import Samples
from textgen_core.tokenization.encoding import encode_pairs
from textgen_core.tokenization.interface import END, SEPARATOR
from textgen_core.tokenization.settings import ByteSettings, CharSettings, OpeningPairs, WordSettings
from textgen_core.tokenization.tokenizers import TOKENIZERS

texts = st.text("ab .\né", max_size=200)


@given(texts, st.integers(1, 8), st.integers(4, 30))
def test_stretches_are_the_text_from_its_beginning(text, count, size):
    found = stretches(text, count, size)
    joined = "".join(stretch.text for stretch in found)
    assert text.startswith(joined) and len(found) <= count
    if len(found) < count:
        assert len(text) - len(joined) < size / 2, "what is left out is less than half of one"
    assert all(stretch.text for stretch in found)


@given(st.lists(st.sampled_from(["the", "cat", "sat"]), min_size=4, max_size=60).map(" ".join))
def test_what_is_repeated_in_all_stretches_is_what_is_repeated_in_the_text(text):
    found = stretches(text, 8, max(8, len(text) // 6))
    spoken = "".join(stretch.text for stretch in found)
    none = np.zeros(1)
    [share] = Repeated(4)(Samples([spoken], none.astype(int), none, none.astype(bool)))
    words = sum(stretch.words for stretch in found)
    assert words == len(spoken.split())
    assert sum(stretch.repeated for stretch in found) == pytest.approx((share or 0) * words)


class Counting:
    """A token costs a tenth of the sum of all ids before it, so that any wrong context changes a figure."""

    max_context, carries_state = None, True

    def __init__(self, vocab_size):
        self.vocab_size = vocab_size

    def read(self, tokens, following, state=None):
        seen = np.cumsum(tokens, axis=1) + (0 if state is None else state[: len(tokens), None])
        return -(seen / 10).astype(np.float32), seen[:, -1]


WORDS = "the cat sat on the mat and the dog lay on the rug "
SETTINGS = {"char": CharSettings(), "byte": ByteSettings(), "word": WordSettings(min_count=1)}


@pytest.mark.parametrize("kind", SETTINGS)
def test_bits_are_those_of_the_whole_text_read_at_once(kind):
    tokenizer = TOKENIZERS[kind].fit(SETTINGS[kind], iter([[WORDS]]))
    prompts, whole = ["the cat", "a zebra"], [f" {WORDS}" * 2, " and the yak sat" * 5]
    cut = [stretches(text, 6, 20) for text in whole]
    found = bits_of(Counting(tokenizer.vocab_size), tokenizer, prompts, cut)
    for prompt, stretched, bits in zip(prompts, cut, found, strict=True):
        assert len(bits) == len(stretched)
        text = "".join(stretch.text for stretch in stretched)
        ids = tokenizer.encode([prompt + text])[0]
        read = np.cumsum([1, *ids])[: len(ids)] / 10 / math.log(2)
        own = len(tokenizer.encode([prompt])[0])
        spelt = tokenizer.spelling_bits([text])[0]
        assert sum(bits) == pytest.approx(read[own:].sum() + spelt, rel=1e-4)
        assert (spelt > 0) == (kind == "word" and "yak" in text)


def test_a_model_of_pairs_reads_what_it_was_trained_on():
    read = []

    class Noting(Counting):
        def read(self, tokens, following, state=None):
            read.append(tokens)
            return super().read(tokens, following, state)

    tokenizer = TOKENIZERS["char"].fit(CharSettings(), iter([[WORDS]]))
    found = {}
    for pairs in (False, True):
        found[pairs] = bits_of(Noting(tokenizer.vocab_size), tokenizer, ["the cat"], [stretches("sat", 1, 3)], pairs)
    prompt, text = tokenizer.encode(["the cat", "sat"])
    plain, paired = (tokens[0].tolist() for tokens in read)
    assert plain[: 1 + len(prompt + text)] == [END, *prompt, *text]
    document = pa.RecordBatch.from_pydict({"text": ["the cat sat"]})
    trained = encode_pairs(OpeningPairs(words=2), document, tokenizer).tokens.ids.tolist()
    assert trained == [*prompt, SEPARATOR, *text] and paired[: 1 + len(trained)] == [END, *trained]
    assert [len(bits) for [bits] in found.values()] == [1, 1]


@pytest.mark.parametrize(("reads_source", "kept"), [(True, "the"), (False, "sat")])
def test_a_long_source_is_cut_so_that_the_text_is_read_to_its_end_in_sight_of_it(reads_source, kept):
    read = []

    class Limited(Counting):
        max_context, carries_state = 12, False

        def read(self, tokens, following, state=None):
            read.append(tokens)
            return super().read(tokens, following)[0], None

    tokenizer = TOKENIZERS["char"].fit(CharSettings(), iter([[WORDS]]))
    bits_of(Limited(tokenizer.vocab_size), tokenizer, ["the cat sat"], [stretches("and sat", 1, 7)], True, reads_source)
    source, text = tokenizer.encode([kept, "and sat"])
    [tokens] = read
    assert tokens[0, :12].tolist() == [END, *source, SEPARATOR, *text]
