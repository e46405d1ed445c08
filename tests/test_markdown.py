"""Untrusted text in Markdown: whatever it is, it stays text."""

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from textgen_core import markdown

HOSTILE = [
    "<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "![x](https://example.org/x.png)",
    "a | b\n| --- |",
    "```\n</code>\n```mermaid",
    "https://example.org www.example.org user@example.org",
    "\x1b[31mred\x1b[0m \u202eevil\u202c \ud800",
    "# heading\n\n- list",
]


@given(st.text() | st.sampled_from(HOSTILE))
def test_inline_text_is_plain_words_or_one_code_span(text):
    shown = markdown.inline(text, limit=10_000)
    assert not set("\n|") & set(shown)
    if re.fullmatch(r"[\w ,./%+()-]*", shown):
        assert "www." not in shown.lower()
        assert "__" not in shown
    else:
        ticks = re.match(r"`+", shown)[0]
        assert shown.endswith(ticks)
        assert ticks not in re.findall(r"`+", shown[len(ticks) : -len(ticks)])


@given(st.text(alphabet="`~ab\n", max_size=60) | st.sampled_from(HOSTILE))
def test_a_fence_is_longer_than_any_inside(text):
    first, *body, last = markdown.fenced(text).split("\n")
    assert first == last + "text"
    assert all(not line.strip().startswith(last) for line in body)


@given(st.text(), st.integers(0, 50))
def test_printable_text_is_capped_and_free_of_controls(text, limit):
    shown = markdown.printable(text, limit)
    assert len(shown) <= limit + 2
    assert all(unicodedata.category(char) not in {"Cc", "Cs"} for char in shown if char not in "\n\t")


def test_joiners_that_scripts_need_stay():
    text = "می\u200cخواهم 👩\u200d🚀"  # noqa: RUF001
    assert markdown.printable(text, 100) == text


def test_a_table_has_as_many_cells_in_every_line():
    lines = markdown.table([{"a": "1 | 2", "b": None}, {"a": "x\ny", "b": 3}]).split("\n")
    assert {line.count("|") for line in lines} == {3}
