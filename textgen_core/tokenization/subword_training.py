"""Training BPE and unigram pieces so that equal text gives equal pieces."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from textgen_core.tokenization.interface import SPECIALS
from textgen_core.tokenization.settings import SubwordSettings

FRAME: dict[str, Any] = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [],
    "normalizer": None,
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
    "post_processor": None,
    "decoder": None,
}
"""The library's JSON around the model: nothing is changed, added or dropped, and no token is special."""

MODELS: dict[str, dict[str, Any]] = {
    "bpe": {
        "type": "BPE",
        "dropout": None,
        "unk_token": None,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,
        "byte_fallback": False,
        "ignore_merges": False,
    },
    "unigram": {"type": "Unigram", "unk_id": None, "byte_fallback": False},
}
"""The model's own JSON, by algorithm, without what it learned."""

LEARNED = {"bpe": ("vocab", "merges"), "unigram": ("vocab",)}


@cache
def byte_alphabet() -> str:
    """The character that GPT-2's byte-level spelling writes for each of the 256 bytes.

    Printable Latin-1 characters stand for themselves; the other bytes take the characters from U+0100 on, in order.
    """
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    spare = iter(range(0x100, 0x200))
    return "".join(chr(byte if byte in printable else next(spare)) for byte in range(256))


def train(settings: SubwordSettings, batches: Iterator[Sequence[str]]) -> dict[str, Any]:
    """The JSON of a ``tokenizers.Tokenizer`` trained on batches of texts."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    common: dict[str, Any] = {
        "vocab_size": settings.vocab_size - SPECIALS,
        "special_tokens": [],
        "initial_alphabet": list(byte_alphabet()),
        "show_progress": False,
    }
    trainer: Any = trainers.UnigramTrainer(**common)
    if settings.algorithm == "bpe":
        trainer = trainers.BpeTrainer(min_frequency=settings.min_count, **common)
    tokenizer = Tokenizer(models.BPE() if settings.algorithm == "bpe" else models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.train_from_iterator(batches, trainer)
    found = json.loads(tokenizer.to_str())["model"]
    if settings.algorithm == "unigram":
        found["vocab"] = _canonical(found["vocab"])
    return nested(settings.algorithm, {name: found[name] for name in LEARNED[settings.algorithm]})


def nested(algorithm: str, learned: dict[str, Any]) -> dict[str, Any]:
    """The JSON of a ``tokenizers.Tokenizer`` that was learned, here or elsewhere."""
    return {**FRAME, "model": {**MODELS[algorithm], **learned}}


def is_ours(algorithm: str, document: dict[str, Any]) -> bool:
    """Whether a nested document says what train() writes, whatever was learned."""
    model = document.get("model")
    if not isinstance(model, dict):
        return False
    frame = {name: value for name, value in document.items() if name != "model"}
    rest = {name: value for name, value in model.items() if name not in LEARNED[algorithm]}
    return frame == FRAME and rest == MODELS[algorithm]


def _canonical(vocab: list[list[Any]]) -> list[list[Any]]:
    """Unigram scores without what hash order left in them.

    The trainer sums floats in the order of a randomly seeded hash map (noise about 1e-15), and gives bytes that its
    pieces don't need scores that rise from the lowest in that order (by 1e-4 each). From texts in which it finds no
    piece to weigh, such as a single long run of one letter, its scores are no numbers; then all pieces are equal.
    """
    if any(score is None for _, score in vocab):
        vocab = [[piece, -math.log(len(vocab))] for piece, _ in vocab]
    lowest = min(score for _, score in vocab)
    unneeded = lowest + 1e-4 * 256
    scores = {piece: lowest if len(piece) == 1 and score <= unneeded else score for piece, score in vocab}
    rounded = {piece: round(score, 6) for piece, score in scores.items()}
    return [[piece, rounded[piece]] for piece in sorted(rounded, key=lambda piece: (-rounded[piece], piece))]
