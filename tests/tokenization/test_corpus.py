"""Documents are read a batch at a time, and drawn evenly where there are more than wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tokenization.documents import write_documents
from textgen_core.tokenization import corpus as corpus_module
from textgen_core.tokenization.corpus import Corpus

TEXTS = [("train" if n % 3 else "validation", f"document {n} " * (n % 4 + 1)) for n in range(600)]
IN_TRAIN = [text for split, text in TEXTS if split == "train"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_documents(tmp_path_factory.mktemp("corpus") / "documents", TEXTS, parts=3)


def drawn(corpus: Corpus, limit: int | None) -> list[str]:
    return [text for _, _, texts in corpus.drawn("train", limit) for text in texts]


def test_a_split_is_read_whole_and_in_order(folder: Path) -> None:
    corpus = Corpus(folder)
    assert drawn(corpus, None) == drawn(corpus, 10**9) == IN_TRAIN
    assert corpus.characters("train") == sum(map(len, IN_TRAIN))
    assert corpus.rows == sum(read for read, _, _ in corpus.drawn("train")) == len(TEXTS)


def test_above_the_limit_about_so_many_characters_are_drawn_from_everywhere(folder: Path) -> None:
    corpus = Corpus(folder)
    limit = corpus.characters("train") // 3
    some = drawn(corpus, limit)
    assert 0.7 * limit < sum(map(len, some)) < 1.3 * limit
    places = [IN_TRAIN.index(text) for text in some]
    assert places == sorted(set(places))
    thirds = [sum(third * 134 <= place < (third + 1) * 134 for place in places) for third in range(3)]
    assert min(thirds) > 20


def test_large_documents_come_in_small_batches(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus_module, "BATCH_BYTES", 200)
    corpus = Corpus(folder)
    assert max(batch.num_rows for part in corpus.parts for batch in corpus.batches(part)) < 100
    assert drawn(corpus, None) == IN_TRAIN


def test_documents_larger_than_a_batch_come_one_by_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus_module, "BATCH_BYTES", 1)
    corpus = Corpus(folder)
    assert {batch.num_rows for part in corpus.parts for batch in corpus.batches(part)} == {1}
    assert drawn(corpus, None) == IN_TRAIN


def test_one_document_is_drawn_at_least_however_long_it_is(folder: Path) -> None:
    assert len(drawn(Corpus(folder), 1)) == 1
