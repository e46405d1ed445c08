"""Speed of each tokenizer, learning and encoding, beside the least that must be done or a library's own.

    python -m benchmarks tokenization [--megabytes 2] [--runs 5]

Peers, which get the same documents:

- char: a bare ``numpy`` table lookup (``str.translate`` is slower); its learning a bare ``bincount``.
- byte: ``str.encode`` of the joined texts, as int32.
- word: WordLevel of Hugging Face ``tokenizers`` on white space and marks; its learning ``re.findall`` into a Counter.
- subword: the same pieces by ``tokenizers`` itself, ``encode_batch_fast``, and its trainer.

Wall time, ours and the peer's in turns, medians of several runs; ids are compared where they must be equal. ``first``
is a tokenizer that has seen no text yet, ``again`` one that meets the same words once more, as in a long corpus.
Prints one JSON object a line: megabytes a second, and ours to the peer's.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from benchmarks.evaluation import corpus
from textgen_core.tokenization.interface import SPECIALS
from textgen_core.tokenization.settings import (
    ByteSettings,
    CharSettings,
    SubwordSettings,
    TokenizerSettings,
    WordSettings,
)
from textgen_core.tokenization.subword_training import byte_alphabet
from textgen_core.tokenization.tokenizers import fit_tokenizer, from_json

WORDS = re.compile(r"\w+|[^\w\s]")
Work = Callable[[], Any]


def documents(size: int) -> list[str]:
    """Paragraphs of a corpus."""
    return [paragraph for paragraph in re.split(r"\n\n+", corpus(size)) if paragraph]


def in_turns(ours: Work, peer: Work, runs: int) -> tuple[float, float]:
    """Median seconds of each."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for work, seconds in zip((ours, peer), taken, strict=True):
            began = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - began)
    return statistics.median(taken[0]), statistics.median(taken[1])


def points(texts: list[str]) -> np.ndarray[Any, Any]:
    """The code points of texts, one after the other."""
    return np.frombuffer("".join(texts).encode("utf-32-le"), "<u4")


def char_peers(texts: list[str], ours: Any) -> tuple[Work, Work]:
    table = np.zeros(0x110000, np.int32)
    first = len(ours.pieces) - len(ours.characters)
    table[points([ours.characters])] = np.arange(first, len(ours.pieces))
    assert table[points(texts)].tolist() == ours.encode_flat(texts).ids.tolist()
    return lambda: np.bincount(points(texts), minlength=0x110000), lambda: table[points(texts)]


def byte_peers(texts: list[str], ours: Any) -> tuple[Work, Work]:
    def encode() -> Any:
        return np.frombuffer("".join(texts).encode(), np.uint8).astype(np.int32)

    assert (encode() + SPECIALS).tolist() == ours.encode_flat(texts).ids.tolist()
    return lambda: None, encode


def word_peers(texts: list[str], ours: Any) -> tuple[Work, Work]:
    def count() -> Counter[str]:
        found: Counter[str] = Counter()
        for text in texts:
            found.update(WORDS.findall(text))
        return found

    known = [word for word, _ in count().most_common(len(ours.words))]
    vocabulary = {"[UNK]": 0, **{word: place + 1 for place, word in enumerate(known)}}
    theirs = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    theirs.pre_tokenizer = pre_tokenizers.Whitespace()
    return count, lambda: [encoding.ids for encoding in theirs.encode_batch_fast(texts)]


def subword_peers(texts: list[str], ours: Any) -> tuple[Work, Work]:
    def learn() -> Tokenizer:
        trainer = trainers.BpeTrainer(
            vocab_size=SubwordSettings().vocab_size - SPECIALS,
            min_frequency=SubwordSettings().min_count,
            initial_alphabet=list(byte_alphabet()),
            show_progress=False,
        )
        theirs = Tokenizer(models.BPE())
        theirs.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        theirs.train_from_iterator(iter([texts]), trainer)
        return theirs

    theirs = learn()
    ids = [id + SPECIALS for encoding in theirs.encode_batch_fast(texts) for id in encoding.ids]
    assert ids == ours.encode_flat(texts).ids.tolist()
    return learn, lambda: [encoding.ids for encoding in theirs.encode_batch_fast(texts)]


Peers = Callable[[list[str], Any], tuple[Work, Work]]
KINDS: tuple[tuple[TokenizerSettings, Peers], ...] = (
    (CharSettings(), char_peers),
    (ByteSettings(), byte_peers),
    (WordSettings(), word_peers),
    (SubwordSettings(), subword_peers),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=2)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    texts = documents(int(arguments.megabytes * 1e6))
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    for settings, peers in KINDS:
        found = figures(settings, peers, texts, megabytes, arguments.runs)
        print(json.dumps({"kind": settings.kind, "megabytes": round(megabytes, 1), **found}), flush=True)


def figures(
    settings: TokenizerSettings, peers: Peers, texts: list[str], megabytes: float, runs: int
) -> dict[str, float]:
    """Of one kind."""
    tokenizer = fit_tokenizer(settings, [texts])
    learn, encode = peers(texts, tokenizer)
    learning = in_turns(lambda: fit_tokenizer(settings, [texts]), learn, min(3, runs))
    fresh = [from_json(tokenizer.to_json()) for _ in range(runs)]
    first, _ = in_turns(lambda: fresh.pop().encode_flat(texts), encode, runs)
    again = in_turns(lambda: tokenizer.encode_flat(texts), encode, runs)
    compared = (
        {"encode again": again} if isinstance(settings, ByteSettings) else {"learn": learning, "encode again": again}
    )
    found = {"encode first": megabytes / first}
    for name, (ours, theirs) in compared.items():
        found |= {name: megabytes / ours, f"{name}, peer": megabytes / theirs, f"{name}, ratio": theirs / ours}
    return {name: round(figure, 2) for name, figure in found.items()}


if __name__ == "__main__":
    main()
