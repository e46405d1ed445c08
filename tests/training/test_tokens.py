import numpy as np
import pytest

from tests.tokenization.documents import write_documents
from tests.training.corpora import ids, tokenized
from textgen_core.progress import silent
from textgen_core.tokenization.interface import END
from textgen_core.tokenization.sequences import in_a_pass
from textgen_core.tokenization.settings import CharSettings, OpeningPairs, TokenizationSettings
from textgen_core.tokenization.stage import tokenize
from textgen_core.training.tokens import token_stream


def test_a_stream_is_its_splits_documents_each_closed(tmp_path):
    sequences = tokenized(tmp_path / "tokens", ["abc", "", "d"], ["ef"]) / "sequences"
    train = token_stream(sequences, "train", 13, tmp_path)
    assert train.tolist() == [*ids("abc"), END, END, *ids("d"), END] and train.dtype == np.uint16
    assert token_stream(sequences, "validation", 13, tmp_path).tolist() == [*ids("ef"), END]
    assert len(token_stream(sequences, "test", 13, tmp_path)) == 0


@pytest.mark.parametrize("pairs", [None, OpeningPairs(words=1)])
def test_a_pass_is_over_when_all_of_the_stream_was_seen(tmp_path, pairs):
    corpus = write_documents(tmp_path / "corpus", [("train", text) for text in ("a b c", "x", "d e")])
    options = {"tokenizer": CharSettings(), "pairs": pairs}
    facts = tokenize(TokenizationSettings(**options, corpus=corpus, output=tmp_path / "tokens"), silent).facts
    assert pairs is None or facts["unpaired_train"] == 1
    stream = token_stream(tmp_path / "tokens" / "sequences", "train", facts["vocab_size"], tmp_path)
    assert in_a_pass(facts) == len(stream)


@pytest.mark.parametrize(("vocab_size", "dtype"), [(1 << 16, np.uint16), ((1 << 16) + 1, np.int32)])
def test_ids_take_no_more_room_than_they_need(tmp_path, vocab_size, dtype):
    sequences = tokenized(tmp_path / "tokens", ["abc"]) / "sequences"
    assert token_stream(sequences, "train", vocab_size, tmp_path).dtype == dtype


def test_what_a_kill_left_half_written_is_not_read(tmp_path):
    sequences = tokenized(tmp_path / "tokens", ["abc"]) / "sequences"
    (tmp_path / ".train.uint16.tmp").write_bytes(b"x")
    assert token_stream(sequences, "train", 13, tmp_path).tolist() == [*ids("abc"), END]
