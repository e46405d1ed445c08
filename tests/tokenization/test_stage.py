"""The tokenization stage: its dataset, its facts, and what a kill changes (nothing)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tokenization.documents import write_documents
from textgen_core.datasets.manifest import read_manifest
from textgen_core.datasets.parts import read_table
from textgen_core.datasets.verify import verify
from textgen_core.errors import DatasetError, InputError
from textgen_core.progress import Update, silent
from textgen_core.tokenization import sequences
from textgen_core.tokenization.settings import (
    ByteSettings,
    CharSettings,
    SubwordSettings,
    TokenizationSettings,
    TokenizerSettings,
    WordSettings,
)
from textgen_core.tokenization.stage import tokenize
from textgen_core.tokenization.tokenizers import load_tokenizer

TEXTS = [
    ("train", "to be, or not to be"),
    ("train", ""),
    ("validation", "not a qualm"),
    ("train", "be not afraid"),
    ("test", "日本"),
    ("train", "to err is to be"),
]
KINDS = [CharSettings(), CharSettings(fallback="unknown"), ByteSettings(), WordSettings(), SubwordSettings()]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_documents(tmp_path / "corpus", TEXTS)


def job(corpus: Path, tokenizer: TokenizerSettings, output: Path) -> TokenizationSettings:
    return TokenizationSettings(tokenizer=tokenizer, corpus=corpus, output=output)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_every_document_is_a_sequence_with_its_own_columns(corpus: Path, tmp_path: Path, kind: TokenizerSettings):
    output = tmp_path / "tokens"
    facts = tokenize(job(corpus, kind, output), silent).facts
    documents, rows = read_table(corpus / "documents").to_pylist(), read_table(output / "sequences").to_pylist()
    tokenizer = load_tokenizer(output)
    assert [row["token_ids"] for row in rows] == tokenizer.encode([text for _, text in TEXTS])
    assert [row["n_tokens"] for row in rows] == [len(row["token_ids"]) for row in rows]
    for name in ("doc_id", "split", "stars"):
        assert [row[name] for row in rows] == [document[name] for document in documents]
    assert facts["vocab_size"] == tokenizer.vocab_size
    assert (facts["documents_train"], facts["documents_test"]) == (4, 1)
    assert facts["chars_train"] == sum(len(text) for split, text in TEXTS if split == "train")
    assert facts["tokens_validation"] == len(tokenizer.encode(["not a qualm"])[0])
    assert facts["unknown_test"] == sum(id == tokenizer.unknown_id for id in tokenizer.encode(["日本"])[0])
    for split, text in {"validation": "not a qualm", "test": "日本"}.items():
        assert facts[f"spelling_bits_{split}"] == round(tokenizer.spelling_bits([text])[0])
    tokens = [id for row in rows for id in row["token_ids"]]
    assert facts["chars_per_token"] == pytest.approx(sum(len(text) for _, text in TEXTS) / len(tokens), abs=1e-3)
    assert facts["unk_rate"] == pytest.approx(tokens.count(tokenizer.unknown_id) / len(tokens), abs=1e-5)
    assert verify(output) == []


def test_only_the_train_split_is_learned_from(corpus: Path, tmp_path: Path):
    tokenize(job(corpus, CharSettings(), tmp_path / "tokens"), silent)
    document = load_tokenizer(tmp_path / "tokens").to_json()
    assert document["characters"] == "".join(sorted({c for split, text in TEXTS if split == "train" for c in text}))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_a_killed_run_goes_on_to_the_same_bytes(
    corpus: Path, tmp_path: Path, kind: TokenizerSettings, monkeypatch: pytest.MonkeyPatch
):
    tokenize(job(corpus, kind, tmp_path / "undisturbed"), silent)
    written = []
    original = sequences._write_part

    def dies_on_the_second(*arguments):
        if len(written) == 1:
            raise KeyboardInterrupt
        written.append(arguments)
        return original(*arguments)

    monkeypatch.setattr(sequences, "_write_part", dies_on_the_second)
    with pytest.raises(KeyboardInterrupt):
        tokenize(job(corpus, kind, tmp_path / "killed"), silent)
    assert not (tmp_path / "killed").exists()
    done: list[float] = []
    monkeypatch.setattr(sequences, "_write_part", lambda *arguments: done.append(0) or original(*arguments))
    tokenize(job(corpus, kind, tmp_path / "killed"), silent)
    assert len(done) == 1  # the first part was kept
    first, second = (read_manifest(tmp_path / name) for name in ("undisturbed", "killed"))
    assert first.digest() == second.digest()
    timeless = [{name: fact for name, fact in m.facts.items() if name != "chars_per_second"} for m in (first, second)]
    assert timeless[0] == timeless[1]


def test_progress_ends_at_its_total(corpus: Path, tmp_path: Path):
    for kind in KINDS:
        updates: list[Update] = []
        tokenize(job(corpus, kind, tmp_path / f"{KINDS.index(kind)}"), updates.append)
        phases = {update.phase: (update.done, update.total) for update in updates}
        rows = read_manifest(corpus).facts["documents"]
        assert phases == dict.fromkeys(("vocabulary", "tokenization"), (rows, rows)), "no document is counted twice"


def test_a_corpus_may_be_named_by_a_link_to_its_documents(corpus: Path, tmp_path: Path):
    (tmp_path / "documents").symlink_to(corpus / "documents")
    assert tokenize(job(tmp_path / "documents", ByteSettings(), tmp_path / "tokens"), silent).facts["tokens_train"]


def test_a_train_split_without_text_is_refused(tmp_path: Path):
    corpus = write_documents(tmp_path / "corpus", [("validation", "text"), ("train", "")])
    with pytest.raises(InputError, match="train split"):
        tokenize(job(corpus, CharSettings(), tmp_path / "tokens"), silent)


def test_a_corpus_that_is_none_is_refused(tmp_path: Path):
    with pytest.raises(DatasetError, match="manifest"):
        tokenize(job(tmp_path, CharSettings(), tmp_path / "tokens"), silent)


def test_a_tokenizer_is_reused_as_it_is(corpus: Path, tmp_path: Path):
    tokenize(job(corpus, WordSettings(), tmp_path / "first"), silent)
    grown = write_documents(tmp_path / "grown", [*TEXTS, ("train", "quintessence of dust")])
    settings = job(grown, WordSettings(), tmp_path / "second").model_copy(update={"reuse": tmp_path / "first"})
    tokenize(settings, silent)
    first, second = ((tmp_path / name / "tokenizer.json").read_bytes() for name in ("first", "second"))
    assert first == second
    learned = tokenize(job(grown, WordSettings(), tmp_path / "third"), silent)
    assert learned.key != read_manifest(tmp_path / "second").key
    assert (tmp_path / "third" / "tokenizer.json").read_bytes() != first
