"""Which training text is searched, and that too much of it is refused and not killed for."""

import pytest

from tests.tokenization.documents import write_documents
from textgen_core import memory
from textgen_core.errors import SettingsError
from textgen_core.evaluation import excerpts
from textgen_core.evaluation.excerpts import training_excerpts
from textgen_core.tokenization.corpus import Corpus

BOOK = "".join(chr(97 + n % 26) + str(n) for n in range(20_000))


@pytest.fixture
def corpus(tmp_path):
    texts = [("train", BOOK), ("train", "a verse"), ("validation", "held out"), *[("train", str(n)) for n in range(50)]]
    return Corpus(write_documents(tmp_path / "corpus", texts))


def test_all_of_it_where_it_fits(corpus):
    rows = []
    found = training_excerpts(corpus, 10**6, rows.append)
    assert found.texts == [BOOK, "a verse", *map(str, range(50))]
    assert found.indexed == found.total == sum(map(len, found.texts))
    assert sum(rows) == corpus.rows


def test_about_so_much_of_it_also_where_it_is_a_single_book(corpus, monkeypatch):
    monkeypatch.setattr(excerpts, "PIECE", 500)
    found = training_excerpts(corpus, 20_000, lambda rows: None)
    assert found.indexed == sum(map(len, found.texts)) == pytest.approx(20_000, rel=0.3)
    assert found.total == len(BOOK) + len("a verse") + 90
    assert all(text in BOOK or text == "a verse" or text.isdigit() for text in found.texts)
    assert len(set(found.doc_ids)) > 5
    assert found == training_excerpts(corpus, 20_000, lambda rows: None)


def test_more_than_memory_holds_is_an_error_that_names_what_fits(corpus, monkeypatch):
    monkeypatch.setattr(excerpts, "available_bytes", lambda: 10**6)
    with pytest.raises(SettingsError, match=r"copied_span_characters to 20,000 at most"):
        training_excerpts(corpus, 10**6, lambda rows: None)
    training_excerpts(corpus, 20_000, lambda rows: None)


@pytest.mark.parametrize(
    ("machine", "limit", "used", "expected"),
    [
        ("MemTotal: 9 kB\nMemAvailable:  8 kB\n", None, None, 8192),
        ("MemAvailable: 8 kB\n", "max", "5", 8192),
        ("MemAvailable: 8 kB\n", "1005", "5", 1000),
        ("MemAvailable: 8 kB\n", "5", "1005", 0),
        (None, None, None, None),
    ],
)
def test_memory_is_what_machine_and_container_leave(tmp_path, monkeypatch, machine, limit, used, expected):
    for name, content in {"meminfo": machine, "memory.max": limit, "memory.current": used}.items():
        if content is not None:
            (tmp_path / name).write_text(content)
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "CONTROL_GROUP", tmp_path)
    assert memory.available_bytes() == expected
