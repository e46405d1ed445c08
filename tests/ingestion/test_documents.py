"""The columns of documents, against Python's own string functions and hashes."""

import hashlib

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from textgen_core.ingestion.documents import count_words
from textgen_core.ingestion.framing import frames
from textgen_core.ingestion.identity import content_hashes, from_hexadecimal, hexadecimal

texts = st.lists(
    st.text(st.sampled_from("ab \n\t\x0b\x1c\x1f\x00\x85\u00a0\u2003\u3000é") | st.characters(codec="utf-8"))
)


@given(texts)
def test_words_are_those_of_split(values):
    array = pa.array(["left out", *values], pa.string()).slice(1)
    assert count_words(array).tolist() == [len(value.split()) for value in values]


@given(texts)
def test_a_content_hash_is_the_beginning_of_the_sha256_of_the_text(values):
    array = pa.array(["left out", *values], pa.string()).slice(1)
    hashes = content_hashes(array)
    assert hexadecimal(hashes).to_pylist() == [hashlib.sha256(value.encode()).hexdigest()[:32] for value in values]
    assert (from_hexadecimal(hexadecimal(hashes)) == hashes).all()


def test_ids_are_unique_and_depend_on_source_row_and_content(ingested):
    result = ingested({"a.txt": "one\n\none\n\ntwo", "b.txt": "one"}, deduplicate=False)
    assert len({row["doc_id"] for row in result.documents}) == 4
    assert [row["n_chars"] for row in result.documents] == [3, 3, 3, 3]


@given(st.lists(st.text("ab|", max_size=12)), st.integers(1, 20), st.sampled_from(["|", "||"]))
def test_frames_hold_all_documents_within_the_limit(blocks, limit, separator):
    """The same documents as splitting the whole at once; what is too long is announced, not lost."""
    whole = "".join(blocks).encode()
    mark = separator.encode()
    made, refused = [], 0
    for frame in frames((block.encode() for block in blocks), mark, limit):
        refused += frame.too_long
        made += [] if frame.too_long else frame.content.removesuffix(mark).split(mark)
    if separator == "|":  # "|||" can be cut in two ways at "||"
        expected = whole.removesuffix(mark).split(mark) if whole else []
        assert refused + len(made) == len(expected)
        assert [d for d in made if len(d) <= limit] == [d for d in expected if len(d) <= limit]
    else:
        assert refused or b"".join(made).replace(b"|", b"") == whole.replace(b"|", b"")
