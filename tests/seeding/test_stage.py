"""What decides which seeds are drawn is in their run key."""

import importlib.metadata
import unicodedata

import pytest

from tests.tokenization.documents import write_documents
from textgen_core.seeding.settings import SeedingSettings
from textgen_core.seeding.stage import seeding_key


@pytest.mark.parametrize("other", ["regex", "unicode"])
def test_the_key_has_what_parts_text_into_sentences_and_words(tmp_path, monkeypatch, other):
    at = write_documents(tmp_path / "corpus", [("validation", "One. Two.")])
    settings = SeedingSettings(corpus=at, output=tmp_path / "seeds", how="sentences")
    key = seeding_key(settings)
    assert seeding_key(settings) == key
    if other == "regex":
        monkeypatch.setattr(importlib.metadata, "version", lambda name: "0")
    else:
        monkeypatch.setattr(unicodedata, "unidata_version", "0")
    assert seeding_key(settings).numerics == key.numerics | {other: "0"} != key.numerics
