"""Encoding by the piece: most chunks of a text (a word with the space before it) were met before and are looked up."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np

from textgen_core.tokenization.interface import Flat

CACHED = 200_000
"""Chunks remembered, in about 50 MB: nearly all that a language uses."""
MAX_LENGTH = 40
"""Longer chunks are hardly ever met twice, and are not remembered."""

Ids = tuple[int, ...]


class ChunkEncoder:
    """Splits texts into chunks, whose tokens don't depend on one another, and encodes each chunk once.

    Args:
        pattern: matches the chunks; those of a text joined are the text.
        encode: the ids of each of some different chunks.
    """

    def __init__(self, pattern: re.Pattern[str], encode: Callable[[list[str]], Sequence[Ids]]) -> None:
        self._split = pattern.findall
        self._encode = encode
        self._known: dict[str, Ids] = {}

    def __call__(self, texts: Sequence[str]) -> Flat:
        """The tokens of texts."""
        split = [self._split(text) for text in texts]
        found = self._find(list(chain.from_iterable(split)))
        ids = np.fromiter(chain.from_iterable(found), np.int32)
        ends = np.cumsum([0, *map(len, found)])[np.cumsum([0, *map(len, split)])]
        return Flat(ids, np.diff(ends))

    def _find(self, chunks: list[str]) -> list[Ids]:
        found = list(map(self._known.get, chunks))
        missing = {chunk: None for chunk, ids in zip(chunks, found, strict=True) if ids is None}
        fresh = dict(zip(missing, self._encode(list(missing)), strict=True))
        if len(self._known) + len(fresh) > CACHED:
            self._known.clear()  # another thread may be here too: it holds what it found
        self._known.update((chunk, ids) for chunk, ids in fresh.items() if len(chunk) <= MAX_LENGTH)
        return [fresh[chunk] if ids is None else ids for chunk, ids in zip(chunks, found, strict=True)]
