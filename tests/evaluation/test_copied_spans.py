"""The longest copied span equals a brute-force search."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from textgen_core import suffix_array as suffix_array_module
from textgen_core.evaluation import occurrence
from textgen_core.evaluation.copied_spans import SpanIndex
from textgen_core.evaluation.occurrence import LENGTHS, Windows
from textgen_core.suffix_array import suffix_array

TEXT = st.text("ab é", max_size=25)
REPEATED = st.builds(lambda piece, times, rest: piece * times + rest, TEXT, st.integers(0, 30), TEXT)


@given(text=st.text(max_size=40) | REPEATED)
@example(text="\ud800a\U0010ffffa")
@example(text="")
@settings(deadline=None)
def test_suffixes_are_in_order_and_each_is_told_of_once(text: str) -> None:
    for at_a_time in (suffix_array_module.AT_A_TIME, 7):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(suffix_array_module, "AT_A_TIME", at_a_time)
            told: list[int] = []
            assert suffix_array(text, told.append).tolist() == sorted(range(len(text)), key=lambda start: text[start:])
            assert sum(told) == len(text)


def brute(text: str, documents: list[str]) -> set[str]:
    """The longest spans that text and a document have in common."""
    spans = {text[a:b] for a in range(len(text)) for b in range(a + 1, len(text) + 1)}
    common = [span for span in spans if any(span in document for document in documents)]
    return {span for span in common if len(span) == max(map(len, common))}


def check(documents: list[str], texts: list[str]) -> None:
    training = SpanIndex([str(number) for number in range(len(documents))], documents)
    for text, (length, doc_id) in zip(texts, training.longest(texts), strict=True):
        longest = brute(text, documents)
        assert length == max(map(len, longest), default=0)
        assert (doc_id is None) == (length == 0)
        assert doc_id is None or any(span in documents[int(doc_id)] for span in longest)


@given(documents=st.lists(TEXT, max_size=4), texts=st.lists(TEXT, max_size=3))
@settings(max_examples=300, deadline=None)
def test_the_longest_span_is_found_and_its_document_holds_it(documents: list[str], texts: list[str]) -> None:
    check(documents, texts)


def test_a_text_with_what_separates_documents_in_it_copies_nothing_across() -> None:
    check(["ab", "cd"], ["b\U0010ffffc", "\U0010ffff", "xab\U0010ffff"])


@given(documents=st.lists(REPEATED, min_size=1, max_size=2), text=REPEATED, cut=st.integers(0, 20))
@settings(max_examples=40, deadline=None)
def test_long_spans_are_found_whole(documents: list[str], text: str, cut: int) -> None:
    copied = "xyz" + documents[0][cut : cut + 100] + "zyx"
    check([document[:200] for document in documents], [text[:60], copied[:100]])


@given(documents=st.lists(TEXT, max_size=4), text=TEXT)
@settings(max_examples=50, deadline=None)
def test_filters_that_take_everything_for_found_change_nothing(documents: list[str], text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(occurrence.Windows, "_slots", lambda windows, hashes: (hashes * 0).astype(int))
        check(documents, [text])


@given(text=st.text("abc", max_size=200), query=st.text("abcd", max_size=100))
@settings(max_examples=100, deadline=None)
def test_a_filter_forgets_no_window(text: str, query: str) -> None:
    for length, flags in zip(LENGTHS, Windows(text).found_in(query), strict=True):
        occurring = [query[start : start + length] in text for start in range(max(0, len(query) - length + 1))]
        assert all(flags[start] for start, occurs in enumerate(occurring) if occurs)
        assert not flags[len(occurring) :].any()
