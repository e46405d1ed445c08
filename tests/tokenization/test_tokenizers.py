"""tokenizer.json on disk: one clear error for whatever is no tokenizer of ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textgen_core.errors import DatasetError
from textgen_core.tokenization.settings import ByteSettings, CharSettings, SubwordSettings, WordSettings
from textgen_core.tokenization.tokenizers import dump, fit_tokenizer, from_json, load_tokenizer

TEXTS = ["to be or not to be, to be"]
FITTED = [
    fit_tokenizer(kind, [TEXTS])
    for kind in (
        CharSettings(),
        CharSettings(fallback="unknown"),
        ByteSettings(),
        WordSettings(),
        SubwordSettings(vocab_size=270),
        SubwordSettings(algorithm="unigram", vocab_size=270),
    )
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 300) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@pytest.mark.parametrize("tokenizer", FITTED, ids=lambda tokenizer: tokenizer.kind)
def test_a_file_and_its_folder_both_load(tmp_path: Path, tokenizer) -> None:
    (tmp_path / "tokenizer.json").write_bytes(dump(tokenizer))
    for path in (tmp_path, tmp_path / "tokenizer.json"):
        assert load_tokenizer(path).encode(TEXTS) == tokenizer.encode(TEXTS)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[1]", b"null", b'{"kind": "morse"}', b"[" * 100_000, b'{"kind": "char"}'],
    ids=lambda content: repr(content[:12]),
)
def test_what_is_no_tokenizer_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=r"tokenizer\.json.*textgen tokenize"):
        load_tokenizer(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"tokenizer\.json"):
        load_tokenizer(tmp_path)


def spots(document, path=()):
    """Paths to every value in a document."""
    yield path
    for key, value in document.items() if isinstance(document, dict) else ():
        yield from spots(value, (*path, key))


def replaced(document, path, value):
    if not path:
        return value
    return {**document, path[0]: replaced(document[path[0]], path[1:], value)}


@pytest.mark.parametrize("tokenizer", FITTED, ids=lambda tokenizer: tokenizer.kind)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_changed_document_is_refused_or_still_a_whole_tokenizer(tokenizer, data: st.DataObject) -> None:
    document = json.loads(dump(tokenizer))
    path = data.draw(st.sampled_from([spot for spot in spots(document) if len(spot) <= 3]))
    try:
        changed = from_json(replaced(document, path, data.draw(JSON)))
    except DatasetError:
        return
    ids = changed.encode(TEXTS)[0]
    assert all(2 <= id < changed.vocab_size for id in ids)
    assert changed.unknown_id is not None or changed.decode(ids) == TEXTS[0]
