"""Sentence boundaries: those of UAX 29, as another implementation of it has them, but for titles and initials."""

import random
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textgen_core.tokenization.sentences import sentences

# Of every class that the rules name, and of none; such as have been in it for many versions of Unicode (not ;).
# No capital from A to Z: it may be an initial.
LETTERS = "a\u00d81.!?,:\"')( \u00a0\r\n\u2028\u0085\u0300\u00ad\u5b57\u3002\u2026\u0661$=-\u01c5\u00df\u00c4"
PERL = r"""
binmode STDIN, ":utf8"; binmode STDOUT, ":utf8"; $/ = "\x01";
while (<STDIN>) { chomp; print join("\x02", split /\b{sb}/), "\x01" }
"""


@given(st.text())
def test_joined_they_are_the_text(text):
    found = sentences(text)
    assert "".join(found) == text and all(found)


@pytest.mark.skipif(shutil.which("perl") is None, reason="no perl, whose \\b{sb} is the other implementation")
def test_they_are_those_of_perl():
    drawn = random.Random(0)
    texts = ["".join(drawn.choices(LETTERS, k=drawn.randint(1, 14))) for _ in range(20_000)]
    content = "".join(f"{text}\x01" for text in texts).encode()
    done = subprocess.run(["perl", "-e", PERL], input=content, capture_output=True, check=True)
    theirs = [part.split("\x02") for part in done.stdout.decode().split("\x01")[:-1]]
    assert [sentences(text) for text in texts] == theirs


def test_by_hand():
    text = 'He said: "Stop." Then (at 3.15 p.m. or so) U.S. troops left... but why?! Nobody\nknew.'
    assert [sentence.strip() for sentence in sentences(text)] == [
        'He said: "Stop."',
        "Then (at 3.15 p.m. or so) U.S. troops left... but why?!",
        "Nobody",
        "knew.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Then _Mr. Darcy_ smiled at Mrs. Hurst.",
        "They danced at St. James's with Lt. Col. Fitzwilliam.",
        "DR. SEWARD'S DIARY began.",
        'Here J. R. R. Tolkien (and J. A. Smith) met "E. Gardiner".',
        "He wrote to George W. Bush, i.e. Bush the younger.",
    ],
)
def test_titles_and_initials_before_a_name_end_none(text):
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("He is a mister. ", "Darcy is not."),
        ("She lives in Baker St. ", "The fog is thick."),
        ("Take vitamin C. ", "It helps."),
        ("So said you and I. ", "Did he hear?"),
        ("Yol gösteren de O. ", "Hem gizlidir."),  # Turkish: he
        ("Kim var orada? ", "Sen. "),
        ("I DON'T. ", "THEY DO."),
        ("They left the U.S. ", "Nobody came."),
        ("It was a Mr.\n", "Darcy."),
        ("\u4ed6\u662fMr. ", "\u738b\u3002"),
    ],
)
def test_what_only_looks_like_them_ends_one(first, second):
    assert sentences(first + second) == [first, second]
