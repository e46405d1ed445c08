"""The longest copied span equals a brute-force search."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.evaluation.suffixes import TrainingText, suffix_array

TEXT = st.text("ab é", max_size=25)


@given(text=st.text(max_size=40))
@settings(deadline=None)
def test_suffixes_are_in_order(text: str) -> None:
    assert suffix_array(text).tolist() == sorted(range(len(text)), key=lambda start: text[start:])


@given(documents=st.lists(TEXT, max_size=4), text=TEXT)
@settings(max_examples=300, deadline=None)
def test_the_longest_span_is_found_and_its_document_holds_it(documents: list[str], text: str) -> None:
    ids = [str(number) for number in range(len(documents))]
    length, doc_id = TrainingText(ids, documents).longest(text)
    spans = {text[a:b] for a in range(len(text)) for b in range(a + 1, len(text) + 1)}
    common = [span for span in spans if any(span in document for document in documents)]
    assert length == max(map(len, common), default=0)
    assert (doc_id is None) == (length == 0)
    if doc_id is not None:
        assert any(len(span) == length and span in documents[int(doc_id)] for span in common)
