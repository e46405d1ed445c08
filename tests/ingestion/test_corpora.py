"""Real corpora, where they are at hand; and the documentation of the running Python, which always is."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.ingestion.conftest import run
from textgen_core.ingestion.readers import python_docs

DATA = Path(os.environ.get("TEXTGEN_DATA", "../shared/data"))
needs_data = pytest.mark.skipif(not DATA.exists(), reason="needs the shared corpora ($TEXTGEN_DATA)")


@needs_data
def test_alexa_stars_stay_integers(tmp_path):
    result = run(tmp_path / "out", DATA / "amazon_alexa.tsv", text_column="verified_reviews", keep_columns=("rating",))
    assert result.facts["rows"] == 3150
    assert set(result.codes) == {"blank"}
    assert {row["rating"] for row in result.documents} == {1, 2, 3, 4, 5}
    assert pq.read_schema(tmp_path / "out" / "documents" / "part-00000.parquet").field("rating").type == pa.int64()


@needs_data
def test_polarity_and_verses(tmp_path):
    reviews = run(tmp_path / "reviews", DATA / "amazon_polarity.jsonl", keep_columns=("polarity",))
    assert (reviews.facts["documents"], reviews.codes) == (5000, [])
    assert {row["polarity"] for row in reviews.documents} == {1, 2}
    verses = run(tmp_path / "verses", DATA / "mesnevi_tr.txt")
    assert verses.codes == []
    assert not any("\r" in text for text in verses.texts)


def test_python_documentation_is_many_readable_documents():
    documents = list(python_docs.documents())
    kinds = [kind for kind, _, _ in documents]
    assert kinds.count("language") > 50
    assert kinds.count("docstring") > 3000
    assert documents == list(python_docs.documents())
    assert python_docs.digest() == python_docs.digest()
    assert any(module == "random" for _, module, _ in documents)
    assert all(text == text.strip() and len(text) >= 1 for _, _, text in documents)


@needs_data
def test_the_few_paragraphs_of_nietzsche_that_are_no_utf8_are_rejects(tmp_path):
    result = run(tmp_path / "out", DATA / "nietzsche.txt", max_reject_share=0.02)
    assert set(result.codes) == {"undecodable"}
    assert result.facts["rows"] == len(result.documents) + len(result.rejects) + len(result.duplicates)
    assert all(row["source_row"] is not None and "Name its encoding" in row["message"] for row in result.rejects)
