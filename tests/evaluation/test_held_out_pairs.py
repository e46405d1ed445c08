"""Only targets are counted, whatever the model's context, and whatever family reads them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evaluation.test_held_out import Uniform, figures
from textgen_core.errors import DatasetError, InputError
from textgen_core.evaluation import held_out, held_out_pairs
from textgen_core.evaluation.held_out_pairs import of_targets, parted, target_logprobs, tokens_of_pairs
from textgen_core.tokenization.byte import ByteTokenizer
from textgen_core.tokenization.interface import END, PAD, SEPARATOR
from textgen_core.tokenization.pairs import Pair
from textgen_core.tokenization.settings import ByteSettings, OpeningPairs, SentencePairs

sides = st.lists(st.integers(2, 40), min_size=1, max_size=30)
pairs_of_ids = st.lists(st.tuples(sides, sides), min_size=1, max_size=4)


def sequence(pairs):
    return [id for source, target in pairs for id in (*source, SEPARATOR, *target, END)][:-1]


class Seer:
    """Says of each token its own number, and remembers what it was shown."""

    vocab_size, carries_state = 300, False

    def __init__(self, max_context):
        self.max_context, self.longest, self.strayed = max_context, 0, 0

    def read(self, tokens, following, state=None):
        self.longest = max(self.longest, tokens.shape[1])
        self.strayed += sum(first not in (END, PAD) for first in tokens[:, 0].tolist())
        return -following.astype(np.float32), None


@given(pairs_of_ids)
def test_a_sequence_is_parted_into_its_pairs(pairs):
    assert parted(sequence(pairs)) == pairs
    assert parted([]) == []


def test_without_a_limit_a_long_pair_is_read_in_parts_where_no_state_is_carried(monkeypatch):
    monkeypatch.setattr(held_out_pairs, "LONGEST", 12)
    pairs = [([5] * 20, list(range(6, 36))), ([5], [6])]
    [document] = [of_targets(sequence(pairs), [Pair("a", "b c")] * 2, ByteTokenizer())]
    for carries, longest in ((False, 12), (True, 64)):
        reader = Seer(None)
        reader.carries_state = carries
        [found] = target_logprobs(reader, [document])
        assert (-found).tolist() == [id for _, target in pairs for id in (*target, END)]
        assert (reader.longest <= longest) and not reader.strayed


@given(pairs_of_ids, st.one_of(st.none(), st.integers(8, 40)))
def test_each_token_of_a_target_is_counted_once_in_any_context(pairs, limit):
    tokenizer = ByteTokenizer()
    document = of_targets(sequence(pairs), [Pair("a", "b c")] * len(pairs), tokenizer)
    reader = Seer(limit)
    told = []
    (found,) = target_logprobs(reader, [document], told.append)
    assert sum(told) == tokens_of_pairs(reader, [document])
    expected = [id for _, target in pairs for id in (*target, END)]
    assert (-found).tolist() == expected == [*document.token_ids, END]
    assert limit is None or reader.longest <= limit
    assert not reader.strayed, "each row begins with the source's END"
    assert (document.n_chars, document.n_words) == (3 * len(pairs), 2 * len(pairs))


class Echo(Uniform):
    """Sure of a token that it has been shown in the same row, and of END."""

    def read(self, tokens, following, state=None):
        seen = [
            [id == END or id in row[: place + 1] for place, id in enumerate(others)]
            for row, others in zip(tokens.tolist(), following.tolist(), strict=True)
        ]
        return np.where(seen, 0.0, -math.log(self.vocab_size)), None


def test_a_target_is_read_after_its_own_source_alone(tmp_path):
    texts = [("train", "A b. C d."), ("validation", "xyz! zyx! abc!")]
    found = figures(tmp_path, texts, ByteSettings(), Echo, pairs=SentencePairs())
    # "zyx!" after "xyz!" is seen; "abc!" after "zyx!" is not, but for its mark.
    assert found["bits_per_char"]["value"] == pytest.approx(3 * math.log2(258) / len("zyx!abc!"))
    assert found["perplexity"]["value"] == pytest.approx(258 ** (3 / 10))
    assert "context:source" in found["bits_per_char"]["signature"]


def test_characters_and_words_are_those_of_targets(tmp_path):
    texts = [("train", "one two three"), *(("validation", "one two three four") for _ in range(40))]
    found = figures(tmp_path, texts, ByteSettings(), Uniform, pairs=OpeningPairs(words=2))
    bits = (len("three four") + 1) * math.log2(258)
    assert found["bits_per_char"]["value"] == pytest.approx(bits / len("three four"))
    assert found["perplexity_word"]["value"] == pytest.approx(2 ** (bits / 2))
    assert found["perplexity"]["n"] == 40


def test_a_split_without_pairs_is_an_error_with_its_remedy(tmp_path):
    with pytest.raises(InputError, match=r"validation split must hold pairs.* held_out"):
        figures(tmp_path, [("train", "a! b!"), ("validation", "a!")], ByteSettings(), Uniform, pairs=SentencePairs())


def test_tokens_of_other_pairs_than_are_made_now_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(held_out, "pairs_of", lambda settings, batch: [[Pair("a!", "b! c!")]] * batch.num_rows)
    with pytest.raises(DatasetError, match=r"tokens with 2 instead of 1 of .*Tokenize the corpus again"):
        figures(tmp_path, [("train", "a! b!"), ("validation", "a! b! c!")], ByteSettings(), Uniform, SentencePairs())
