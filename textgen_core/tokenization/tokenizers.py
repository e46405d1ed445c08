"""The kinds of tokenizer, and how one is fitted, saved and loaded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from textgen_core.errors import DatasetError
from textgen_core.tokenization.byte import ByteTokenizer
from textgen_core.tokenization.char import CharTokenizer
from textgen_core.tokenization.interface import Tokenizer
from textgen_core.tokenization.settings import TokenizerSettings
from textgen_core.tokenization.subword import SubwordTokenizer
from textgen_core.tokenization.word import WordTokenizer

TOKENIZER = "tokenizer.json"

TOKENIZERS: dict[str, Any] = {
    "char": CharTokenizer,
    "word": WordTokenizer,
    "byte": ByteTokenizer,
    "subword": SubwordTokenizer,
}
"""Classes by kind. Each is a Tokenizer with ``fit(settings, batches of training texts)``; its fields are its JSON."""


def fit_tokenizer(settings: TokenizerSettings, batches: Iterable[Sequence[str]]) -> Tokenizer:
    """Learn a tokenizer from batches of training texts; the same texts give the same tokenizer."""
    tokenizer: Tokenizer = TOKENIZERS[settings.kind].fit(settings, batches)
    return tokenizer


def from_json(document: Any, source: str = "a tokenizer") -> Tokenizer:
    """The tokenizer that ``to_json`` wrote.

    Raises:
        DatasetError: naming source; the document is no tokenizer, or a damaged one.
    """
    kind = document.get("kind") if isinstance(document, dict) else None
    if not isinstance(kind, str) or kind not in TOKENIZERS:
        raise _damaged(source, f"kind {kind!r:.80}, which is none of {', '.join(TOKENIZERS)}")
    try:
        tokenizer: Tokenizer = TOKENIZERS[kind].model_validate(document)
    except ValidationError as error:
        fault = error.errors()[0]
        raise _damaged(source, f"{'.'.join(map(str, fault['loc'])) or kind}: {fault['msg']}") from None
    return tokenizer


def load_tokenizer(path: Path) -> Tokenizer:
    """Read a tokenizer.json, or the one in a directory.

    Raises:
        DatasetError: there is none, or it is damaged.
    """
    path = path / TOKENIZER if path.is_dir() else path
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(str(path), error) from None
    return from_json(document, str(path))


def dump(tokenizer: Tokenizer) -> bytes:
    """The content of tokenizer.json: one document, the same bytes for equal tokenizers."""
    return (json.dumps(tokenizer.to_json(), ensure_ascii=False, indent=0, allow_nan=False) + "\n").encode()


def _damaged(source: str, received: object) -> DatasetError:
    return DatasetError(
        "a tokenizer must be JSON that this version wrote",
        f"{source}: {received}",
        "Restore the file, or run `textgen tokenize` again",
    )
