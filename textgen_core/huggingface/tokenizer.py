"""GPT-2's byte-level BPE in both worlds.

PAD is our 0, END (their ``<|endoftext|>``) our 1, and their other tokens follow in their order: of GPT-2's own
vocabulary each id is moved up by two. Back again they move down by two and END becomes the last, as in GPT-2, whose ids
are so kept. Other added tokens, which stand for no text, and rows of the embedding that have no token are left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from textgen_core.errors import InputError
from textgen_core.faults import faults
from textgen_core.huggingface.config import read_json
from textgen_core.tokenization.subword import SubwordTokenizer

TOKENIZER, VOCAB, MERGES = "tokenizer.json", "vocab.json", "merges.txt"
END_OF_TEXT = "<|endoftext|>"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _ByteLevel(_Part):
    type: Literal["ByteLevel"]
    add_prefix_space: Literal[False]
    use_regex: Literal[True] = True


class _BPE(_Part):
    type: Literal["BPE"] = "BPE"
    vocab: dict[str, int]
    merges: list[str | tuple[str, str]]
    dropout: Literal[None] = None
    byte_fallback: Literal[False] = False
    ignore_merges: Literal[False] = False
    continuing_subword_prefix: Literal["", None] = None
    end_of_word_suffix: Literal["", None] = None


class _Added(_Part):
    id: int
    content: str


class _Document(_Part):
    """What of a tokenizer.json of theirs decides the ids, with the values that GPT-2 has."""

    normalizer: Literal[None] = None
    pre_tokenizer: _ByteLevel
    model: _BPE
    added_tokens: list[_Added] = []


class Vocabulary(NamedTuple):
    """A tokenizer of theirs as one of ours."""

    tokenizer: SubwordTokenizer
    ids: list[int]
    """Their id of each of ours but PAD: of END, then of the others."""
    added: list[str]
    """Their tokens that were left out."""


def tokenizer_files(directory: Path) -> list[Path]:
    """The files that hold the tokenizer.

    Raises:
        InputError: there are none.
    """
    for names in ((TOKENIZER,), (VOCAB, MERGES)):
        paths = [directory / name for name in names]
        if all(path.exists() for path in paths):
            return paths
    raise InputError(
        f"a Hugging Face directory holds {TOKENIZER}, or {VOCAB} and {MERGES}",
        f"{directory} with neither",
        "Download them, too: transformers' tokenizer.save_pretrained writes them",
    )


def read_vocabulary(directory: Path, end: int | None, rows: int) -> Vocabulary:
    """The tokenizer of a directory.

    Args:
        directory: a Hugging Face directory.
        end: the id that its config.json calls the end of a text.
        rows: of its model's embedding.

    Raises:
        InputError: a file is missing or damaged, the tokenizer is no byte-level BPE as GPT-2's, or nothing ends a text.
    """
    path, *others = tokenizer_files(directory)
    try:
        plain = _as_document(read_json(path), _merges(others[0])) if others else read_json(path)
        document = _Document.model_validate(plain)
        return _vocabulary(document, end, rows)
    except ValidationError as error:
        told = "; ".join(str(fault) for fault in faults(_Document, error)[:3])
        raise InputError("the tokenizer must be byte-level BPE as GPT-2's", f"{path}: {told}") from None
    except ValueError as error:
        raise InputError("the tokenizer must be byte-level BPE as GPT-2's", f"{path}: {error}") from None


def _as_document(vocab: dict[str, Any], merges: list[str]) -> dict[str, Any]:
    """What tokenizer.json would say of vocab.json and merges.txt."""
    return {
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False},
        "model": {"vocab": vocab, "merges": merges},
    }


def _merges(path: Path) -> list[str]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("a Hugging Face directory must be whole", f"{path}: {error}", "Download it again") from None
    return [line for line in lines if line and not line.startswith("#version")]


def _vocabulary(document: _Document, end: int | None, rows: int) -> Vocabulary:
    added = {token.content: token.id for token in document.added_tokens}
    known = document.model.vocab | added
    ending = next((token for token, id in known.items() if id == end), END_OF_TEXT)
    if ending not in known:
        raise ValueError(f"neither eos_token_id {end} of config.json nor {END_OF_TEXT} is a token")
    left_out = {*added, ending}
    ordinary = sorted((id, token) for token, id in document.model.vocab.items() if token not in left_out)
    vocab = {token: place for place, (_, token) in enumerate(ordinary)}
    merges = [_pair(merge) for merge in document.model.merges]
    ids = [known[ending], *(id for id, _ in ordinary)]
    if len(set(ids)) < len(ids):
        raise ValueError("two tokens have one id")
    if not 0 <= min(ids) <= max(ids) < rows:
        raise ValueError(f"ids up to {max(ids)}, and an embedding of {rows} rows")
    return Vocabulary(SubwordTokenizer.from_bpe(vocab, merges), ids, [name for name in added if name != ending])


def _pair(merge: str | tuple[str, str]) -> list[str]:
    pair = merge.split(" ") if isinstance(merge, str) else list(merge)
    if len(pair) != 2:
        raise ValueError(f"a merge is of two tokens, not {merge!r:.80}")
    return pair


def ids_of(tokenizer: SubwordTokenizer) -> list[int]:
    """Their id of each of ours but PAD, once exported: END is the last."""
    tokens = len(tokenizer.vocab)
    return [tokens, *range(tokens)]


def document_of(tokenizer: SubwordTokenizer) -> dict[str, Any]:
    """Their tokenizer.json of a bpe tokenizer of ours."""
    tokens = len(tokenizer.vocab)
    nested = tokenizer.tokenizer
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    end = {"id": tokens, "content": END_OF_TEXT, "special": True}
    plain = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {
        **nested,
        "added_tokens": [end | plain],
        "post_processor": byte_level,
        "decoder": byte_level,
        "model": {**nested["model"], "vocab": {**tokenizer.vocab, END_OF_TEXT: tokens}},
    }
