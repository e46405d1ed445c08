"""The README tells of errors in the words in which they come."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
QUOTED = re.findall(r"^\| `([^`]+)` \|", (ROOT / "README.md").read_text().split("| it says")[1].split("##")[0], re.M)
SOURCES = "".join(path.read_text() for path in (ROOT / "textgen_core").rglob("*.py"))


@pytest.mark.parametrize("words", QUOTED)
def test_an_error_is_quoted_as_it_comes(words):
    assert words in SOURCES


def test_errors_are_quoted():
    assert len(QUOTED) >= 5
