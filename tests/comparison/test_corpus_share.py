"""Shares of a corpus: nested, of the size that was asked for, with all that is held out."""

import hashlib

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textgen_core.comparison.corpus_share import share_out, taken
from textgen_core.comparison.stage_settings import ShareSettings
from textgen_core.datasets.verify import verify
from textgen_core.ingestion.settings import IngestionSettings
from textgen_core.ingestion.stage import ingest
from textgen_core.progress import silent

lengths_by_id = st.dictionaries(st.text("abc", min_size=1, max_size=6), st.integers(0, 1000), min_size=1, max_size=20)
shares = st.floats(0.01, 0.99)


@given(lengths_by_id, shares, shares)
def test_a_share_has_its_size_and_holds_the_smaller_ones(lengths, one, other):
    small, large = (taken(lengths, share) for share in sorted((one, other)))
    for share, kept in ((min(one, other), small), (max(one, other), large)):
        assert sum(kept.values()) == round(share * sum(lengths.values()))
        assert sum(0 < kept[id] < lengths[id] for id in lengths) <= 1, "one document at most is cut"
    assert all(small[id] <= large[id] <= lengths[id] for id in lengths)
    backwards = dict(reversed(lengths.items()))
    assert taken(backwards, one) == taken(lengths, one)


@pytest.fixture(params=["paragraph", "file"])
def corpus(request, tmp_path):
    text = "\n\n".join(f"Paragraph {number} says çok, and then {number * number}." for number in range(200))
    (tmp_path / "book.txt").write_text(text)
    split = {"method": "tail" if request.param == "file" else "hash", "validation": 0.2}
    output = tmp_path / "corpus"
    ingest(
        IngestionSettings(inputs=(str(tmp_path / "book.txt"),), unit=request.param, split=split, output=output), silent
    )
    return output


def rows(directory):
    return pq.read_table(directory / "documents").to_pylist()


def test_what_stays_is_whole_but_for_one_document_and_nothing_held_out_is_lost(corpus, tmp_path):
    output = tmp_path / "shared"
    manifest = share_out(ShareSettings(share=0.3, corpus=corpus, output=output), silent)
    assert not verify(output)
    before = {row["doc_id"]: row for row in rows(corpus)}
    kept = rows(output)
    held_out = [row for row in before.values() if row["split"] != "train"]
    assert held_out and all(row in kept for row in held_out)
    train = [row for row in kept if row["split"] == "train"]
    cut = [row for row in train if row != before[row["doc_id"]]]
    assert len(cut) <= 1 and all(row["text"] for row in train)
    for row in cut:
        assert before[row["doc_id"]]["text"].startswith(row["text"])
        assert (row["n_chars"], row["n_words"]) == (len(row["text"]), len(row["text"].split()))
        assert row["content_hash"] == hashlib.sha256(row["text"].encode()).hexdigest()[:32]
    total = sum(row["n_chars"] for row in before.values() if row["split"] == "train")
    assert sum(row["n_chars"] for row in train) == manifest.facts["train_characters"] == round(0.3 * total)
    assert manifest.facts["of_characters"] == total
    assert pq.read_schema(output / "documents" / "part-00000.parquet").equals(
        pq.read_schema(next((corpus / "documents").glob("*.parquet")))
    )
