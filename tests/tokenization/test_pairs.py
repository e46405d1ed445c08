"""Pairs: what they are made of, and how they stand in a sequence."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tokenization.documents import write_documents
from textgen_core.datasets.parts import read_table
from textgen_core.errors import InputError, SettingsError
from textgen_core.progress import silent
from textgen_core.settings import validated
from textgen_core.tokenization.encoding import encode_pairs
from textgen_core.tokenization.interface import END, SEPARATOR
from textgen_core.tokenization.pairs import pairs_of
from textgen_core.tokenization.settings import (
    ByteSettings,
    CharSettings,
    ColumnPairs,
    OpeningPairs,
    SentencePairs,
    SubwordSettings,
    TokenizationSettings,
    TokenizerSettings,
    WordSettings,
)
from textgen_core.tokenization.stage import tokenization_key, tokenize
from textgen_core.tokenization.tokenizers import fit_tokenizer, load_tokenizer

TEXTS = [
    ("train", "To be? Or not to be. That is it."),
    ("train", "One sentence"),
    ("train", ""),
    ("validation", "Not to be. A qualm!"),
]
PAIRS = {
    SentencePairs(): [
        [("To be?", "Or not to be."), ("Or not to be.", "That is it.")],
        [],
        [],
        [("Not to be.", "A qualm!")],
    ],
    OpeningPairs(words=2): [
        [("To be?", "Or not to be. That is it.")],
        [("One", "sentence")],
        [],
        [("Not to", "be. A qualm!")],
    ],
    ColumnPairs(source="stars"): [[("1", TEXTS[0][1])], [("2", TEXTS[1][1])], [], [("4", TEXTS[3][1])]],
    ColumnPairs(source="text", target="stars"): [[(TEXTS[0][1], "1")], [(TEXTS[1][1], "2")], [], [(TEXTS[3][1], "4")]],
}
KINDS = [CharSettings(fallback="unknown"), ByteSettings(), WordSettings(), SubwordSettings()]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_documents(tmp_path / "corpus", TEXTS)


def stream_of(pairs, tokenizer) -> list[int]:
    """Each pair closed by END."""
    encoded = (tokenizer.encode(pair) for pair in pairs)
    return [id for source, target in encoded for id in (*source, SEPARATOR, *target, END)]


def job(corpus: Path, output: Path, pairs=None, tokenizer: TokenizerSettings = KINDS[0]) -> TokenizationSettings:
    return TokenizationSettings(tokenizer=tokenizer, pairs=pairs, corpus=corpus, output=output)


@pytest.mark.parametrize("tokenizer", KINDS, ids=lambda kind: kind.kind)
@pytest.mark.parametrize("pairs", PAIRS, ids=lambda pairs: pairs.kind)
def test_a_sequence_holds_the_pairs_of_its_document(corpus: Path, tmp_path: Path, pairs, tokenizer: TokenizerSettings):
    facts = tokenize(job(corpus, tmp_path / "tokens", pairs, tokenizer), silent).facts
    known = load_tokenizer(tmp_path / "tokens")
    rows = read_table(tmp_path / "tokens" / "sequences").to_pylist()
    for row, found in zip(rows, PAIRS[pairs], strict=True):
        assert row["token_ids"] == stream_of(found, known)[:-1]
        assert row["n_tokens"] == len(row["token_ids"])
    held_out = PAIRS[pairs][3][0][1]
    unpaired = sum(not found for found in PAIRS[pairs][:3])
    assert (facts["pairs"], facts["pairs_validation"], facts["unpaired_train"]) == (pairs.kind, 1, unpaired)
    assert facts["target_chars_validation"] == len(held_out)
    assert facts["target_tokens_validation"] == len(known.encode([held_out])[0])
    assert facts["target_spelling_bits_validation"] == round(known.spelling_bits([held_out])[0])
    assert facts["chars_validation"] == sum(map(len, PAIRS[pairs][3][0]))


@given(st.lists(st.text(), max_size=5))
def test_no_side_is_empty_and_sentences_follow_one_another(texts):
    batch = pa.RecordBatch.from_pydict({"text": texts, "n_chars": list(map(len, texts))})
    for pairs in (SentencePairs(), OpeningPairs(), ColumnPairs(source="text")):
        found = pairs_of(pairs, batch)
        assert len(found) == len(texts)
        assert all(side and side == side.strip() for each in found for pair in each for side in pair)
    for each in pairs_of(SentencePairs(), batch):
        assert [pair.target for pair in each[:-1]] == [pair.source for pair in each[1:]]


@given(st.lists(st.text("ab. \n"), max_size=6))
def test_sequences_of_pairs_part_into_what_they_were_made_of(texts):
    batch = pa.RecordBatch.from_pydict({"text": texts, "n_chars": list(map(len, texts))})
    tokenizer = fit_tokenizer(ByteSettings(), ())
    (ids, lengths), figures = encode_pairs(SentencePairs(), batch, tokenizer)
    assert len(ids) == lengths.sum() and len(lengths) == len(texts)
    found = pairs_of(SentencePairs(), batch)
    rows = np.split(ids, lengths.cumsum()[:-1]) if texts else []
    assert [row.tolist() for row in rows] == [stream_of(each, tokenizer)[:-1] for each in found]
    assert figures["pairs"].tolist() == list(map(len, found))


def test_documents_as_they_are_keep_their_key_and_pairs_have_another(corpus: Path, tmp_path: Path):
    keys = [tokenization_key(job(corpus, tmp_path / "tokens", pairs)) for pairs in (None, *PAIRS)]
    assert "pairs" not in keys[0].settings
    assert len({key.digest for key in keys}) == len(keys)


def test_both_sides_are_learned_from_as_they_stand(corpus: Path, tmp_path: Path):
    """A sentence that follows another has no space before it when it is a target."""
    tokenize(job(corpus, tmp_path / "pairs", SentencePairs(), WordSettings(min_count=1)), silent)
    tokenize(job(corpus, tmp_path / "whole", None, WordSettings(min_count=1)), silent)
    words, whole = (load_tokenizer(tmp_path / name).to_json()["words"] for name in ("pairs", "whole"))
    assert "Or" in words and " Or" not in words and " Or" in whole


@pytest.mark.parametrize("pairs", [ColumnPairs(source="moons"), ColumnPairs(source="stars", target="moons")])
def test_a_column_that_is_not_kept_is_named(corpus: Path, tmp_path: Path, pairs):
    with pytest.raises(InputError, match=r"moons, where they have .*stars.* keep"):
        tokenize(job(corpus, tmp_path / "tokens", pairs), silent)


def test_a_train_split_without_a_pair_is_refused(tmp_path: Path):
    corpus = write_documents(tmp_path / "corpus", [("train", "One sentence."), ("validation", "Two. Of them.")])
    with pytest.raises(InputError, match="none by sentences in 1 documents"):
        tokenize(job(corpus, tmp_path / "tokens", SentencePairs()), silent)
    assert not (tmp_path / "tokens").exists()


def test_a_column_pair_without_its_source_is_one_error():
    with pytest.raises(SettingsError, match=r"pairs\.source"):
        validated(TokenizationSettings, {"pairs": {"kind": "column"}, "corpus": "a", "output": "b"}, "here")


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        ("Do not imagine me ignorant\nof their ways. I know\nthem well. It was so\nfrom the first.\n", True),
        ('I. Of Ways\n\nHe said:\n"I know them." They knew. Did he?\nYes (he did.)\nIt was so.', False),
    ],
)
def test_sentences_that_are_lines_are_warned_of(tmp_path: Path, caplog, text, warned):
    tokenize(
        job(write_documents(tmp_path / "corpus", [("train", text)] * 2), tmp_path / "tokens", SentencePairs()), silent
    )
    assert ("`--cleaning unwrap`" in caplog.text) == warned
