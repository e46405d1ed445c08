"""Train, validation and test: shares, borders, and what is refused."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingestion.conftest import jsonl, run
from textgen_core.errors import InputError
from textgen_core.ingestion.settings import SplitSettings
from textgen_core.ingestion.splitting import tail_borders, tail_pieces

DATA = Path(os.environ.get("TEXTGEN_DATA", "../shared/data"))
TAIL = {"method": "tail", "validation": 0.1}


@given(st.lists(st.integers(1, 50), min_size=1), st.floats(0, 0.5), st.floats(0, 0.4))
def test_tail_pieces_are_the_documents_cut_at_the_borders(lengths, validation, test):
    split = SplitSettings(method="tail", validation=validation, test=test)
    borders = tail_borders(sum(lengths), split)
    start, by_split = 0, {"train": 0, "validation": 0, "test": 0}
    for length in lengths:
        pieces = list(tail_pieces(start, length, borders))
        assert [begin for _, begin, _ in pieces] == [0, *[end for _, _, end in pieces][:-1]]
        assert pieces[-1][2] == length
        for name, begin, end in pieces:
            by_split[name] += end - begin
        start += length
    assert by_split["train"] == borders[0]
    assert by_split["test"] == sum(lengths) - borders[1]


@pytest.mark.parametrize("unit", ["file", "line"])
def test_tail_cuts_the_document_at_the_border(ingested, unit):
    text = (
        "\n".join("abcdefghij" for _ in range(1)) * 10
        if unit == "file"
        else "\n".join("abcdefghi" + str(n) for n in range(7))
    )
    result = ingested({"x.txt": text}, unit=unit, split=TAIL)
    whole = "".join(result.texts)
    assert whole == text.replace("\n", "")
    train = "".join(row["text"] for row in result.documents if row["split"] == "train")
    assert len(train) == int(len(whole) * 0.9)
    assert result.facts["cut"] == 1
    assert len({row["doc_id"] for row in result.documents}) == len(result.documents)


def test_each_source_has_its_own_tail(ingested):
    result = ingested({"a.txt": "a" * 100, "b.txt": "b" * 50}, unit="file", split=TAIL)
    assert [(row["split"], len(row["text"])) for row in result.documents] == [
        ("train", 90),
        ("validation", 10),
        ("train", 45),
        ("validation", 5),
    ]


@pytest.mark.skipif(not (DATA / "tinyshakespeare.txt").exists(), reason="needs the shared corpora ($TEXTGEN_DATA)")
def test_shakespeare_is_cut_where_nanogpt_cuts_it(tmp_path):
    path = DATA / "tinyshakespeare.txt"
    text = path.read_text()
    result = run(tmp_path / "out", path, unit="file", split=TAIL)
    assert result.texts == [text[: int(len(text) * 0.9)], text[int(len(text) * 0.9) :]]


def test_hash_holds_out_its_share_and_documents_stay_where_they_are(tmp_path, ingested):
    rows = [{"text": f"document number {n}"} for n in range(4000)]
    split = {"validation": 0.1, "test": 0.05}
    result = ingested({"a.jsonl": jsonl(*rows)}, split=split)
    assert 300 < result.facts["documents_validation"] < 500
    assert 130 < result.facts["documents_test"] < 270
    (tmp_path / "b.jsonl").write_text(jsonl(*reversed(rows), {"text": "one more"}))
    later = run(tmp_path / "later", tmp_path / "b.jsonl", split=split)
    before = {row["text"]: row["split"] for row in result.documents}
    assert all(before[row["text"]] == row["split"] for row in later.documents if row["text"] in before)


def test_column(ingested):
    rows = [{"text": "a", "part": "Train"}, {"text": "b", "part": "dev"}, {"text": "c", "part": "x"}]
    result = ingested({"a.jsonl": jsonl(*rows)}, split={"method": "column", "column": "part"})
    assert [(row["text"], row["split"]) for row in result.documents] == [("a", "train"), ("b", "validation")]
    assert result.codes == ["unknown-split"]
    assert "part" not in result.documents[0]


@pytest.mark.parametrize(
    ("split", "remedy"),
    [
        ({"validation": 0.1}, "Split by tail"),
        ({"method": "column", "column": "split"}, "Check the split column"),
        ({"method": "tail", "validation": 0.1}, "Raise the shares"),  # one character can't be cut
    ],
)
def test_an_empty_split_is_an_error_with_its_remedy(ingested, split, remedy):
    with pytest.raises(InputError, match=f"(train|validation) got none.*{remedy}"):
        ingested({"x.csv": "text,split\na,train\n"}, split=split)
