"""A batch of documents as token ids, whole or as pairs, with what is counted of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from textgen_core.tokenization.interface import END, SEPARATOR, Flat, Tokenizer
from textgen_core.tokenization.pairs import pairs_of, sides_of
from textgen_core.tokenization.settings import PairSettings


class Encoded(NamedTuple):
    """n documents."""

    tokens: Flat
    figures: Mapping[str, np.ndarray]
    """[n] each: ``chars``, ``tokens`` and ``unknown`` ones of these, and the ``spelling_bits`` that they cost. Of pairs
    both sides, without what parts them; the same of targets alone (``target_chars``); ``pairs``, and 1 for a document
    that has none (``unpaired``)."""


def encode_documents(batch: pa.RecordBatch, tokenizer: Tokenizer) -> Encoded:
    """Each text as it is."""
    texts = batch["text"].to_pylist()
    tokens = tokenizer.encode_flat(texts)
    return Encoded(tokens, {"chars": batch["n_chars"].to_numpy(), **_costs(texts, tokens, tokenizer)})


def encode_pairs(settings: PairSettings, batch: pa.RecordBatch, tokenizer: Tokenizer) -> Encoded:
    """``source SEPARATOR target END source SEPARATOR target`` ..; a document without a pair has no tokens."""
    found = pairs_of(settings, batch)
    sides = sides_of(found)
    flat = tokenizer.encode_flat(sides)
    pairs = np.array([len(each) for each in found], np.int64)
    owner = np.repeat(np.arange(len(found)), 2 * pairs)  # [sides] whose they are
    followed = np.diff(owner, append=-1) == 0  # by another side of the same document
    marks = np.where(np.arange(len(sides)) % 2 == 0, SEPARATOR, END)
    ids = np.insert(flat.ids, flat.lengths.cumsum()[followed], marks[followed]).astype(np.int32)

    def of_documents(values: np.ndarray, first: int = 0) -> np.ndarray:
        step = 1 + first
        return np.bincount(owner[first::step], values[first::step], len(found))

    costs = {"chars": np.array(list(map(len, sides)), np.int64), **_costs(sides, flat, tokenizer)}
    figures = {name: of_documents(values) for name, values in costs.items()}
    figures |= {f"target_{name}": of_documents(values, first=1) for name, values in costs.items()}
    figures |= {"pairs": pairs, "unpaired": pairs == 0}
    return Encoded(Flat(ids, of_documents(flat.lengths + followed).astype(np.int64)), figures)


def _costs(texts: Sequence[str], tokens: Flat, tokenizer: Tokenizer) -> dict[str, np.ndarray]:
    unknown = np.diff(np.concatenate([[0], (tokens.ids == tokenizer.unknown_id).cumsum()])[starts(tokens.lengths)])
    spelling = np.zeros(len(texts))
    spelt = np.flatnonzero(unknown)
    spelling[spelt] = tokenizer.spelling_bits([texts[row] for row in spelt.tolist()])
    return {"tokens": tokens.lengths, "unknown": unknown, "spelling_bits": spelling}


def starts(lengths: np.ndarray) -> np.ndarray:
    """[n + 1] where each text's tokens begin in the flat array, and where the last ends."""
    return np.concatenate([[0], lengths.cumsum()])
