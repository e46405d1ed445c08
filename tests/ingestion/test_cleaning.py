"""Cleaning steps: each does what it says, is pure, and none is on by itself."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingestion.conftest import jsonl
from textgen_core.ingestion.cleaning import CLEANING, CleaningStep
from textgen_core.ingestion.settings import IngestionOptions


def test_the_settings_know_every_step():
    assert set(CleaningStep.__args__) == set(CLEANING)
    assert IngestionOptions(inputs=("x",)).cleaning == ()


@pytest.mark.parametrize("step", CLEANING)
@given(text=st.text())
def test_a_step_twice_is_the_step_once(step, text):
    once = CLEANING[step](text)
    if once is not None and step not in ("strip-html", "lower"):  # "<<b>b>" and "İ" take more than one
        assert CLEANING[step](once) == once


@pytest.mark.parametrize(
    ("step", "before", "after"),
    [
        ("nfc", "e\u0301", "é"),
        ("nfkc", "ﬁ", "fi"),
        ("strip-control", "a\0b\u200b\tc\n\x1b[0m", "ab\tc\n[0m"),
        ("strip-control", "\u200ea\u200fb\u061cc\u202ed\u2066e", "abcde"),
        ("strip-control", "\u06cc\u200c\u062e", "\u06cc\u200c\u062e"),  # by which Persian is spelt
        ("strip-html", "a<br/>b", "a b"),
        ("strip-html", "<!-- c --><?xml v?></p>a<H1 id='x'>", "   a "),
        ("strip-html", "if a < b and c > d, I <3 x>y <> z", "if a < b and c > d, I <3 x>y <> z"),
        ("unwrap", "It was \n  late,\r\nhe said.\n\n \nNobody\nknew.\n", "It was late, he said.\n\n \nNobody knew.\n"),
        ("collapse-whitespace", "a \n\t b\u00a0c", "a b c"),
        ("strip", "  a ", "a"),
        ("lower", "ÀB", "àb"),
        ("drop-without-letters", "123 !", None),
    ],
)
def test_step(step, before, after):
    assert CLEANING[step](before) == after


@given(st.text())
def test_nfc_is_canonical(text):
    assert unicodedata.is_normalized("NFC", CLEANING["nfc"](text))


def test_steps_run_in_the_order_given_and_refusals_are_counted(ingested):
    rows = [{"text": " A\0 b "}, {"text": "123"}]
    result = ingested({"x.jsonl": jsonl(*rows)}, cleaning=("drop-without-letters", "strip-control", "strip", "lower"))
    assert result.texts == ["a b"]
    assert result.codes == ["drop-without-letters"]
