"""The text that a model was trained on, ready to be asked whether it holds another."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from pathlib import Path

from textgen_core.errors import SettingsError
from textgen_core.memory import available_bytes
from textgen_core.progress import Counter, Progress
from textgen_core.suffix_array import suffix_array
from textgen_core.tokenization.corpus import Corpus

SEPARATOR = "\U0010ffff"
"""Between documents, so that no text is found across two. It is no character."""

BYTES_A_CHARACTER = 40
"""Memory that the index takes at most while it is built; about 6 afterwards, where most characters are Latin."""
MOST_CHARACTERS = 2**31 - 1


class TrainingText:
    """All of it, indexed by a suffix array: a question costs some twenty comparisons, however much text there is."""

    def __init__(self, texts: Iterable[str], progress: Progress) -> None:
        self._text = SEPARATOR.join(texts)
        self._order = suffix_array(self._text, Counter(progress, "index", len(self._text), "characters")).data

    def holds(self, text: str) -> bool:
        """Whether one document holds the text, character for character; the empty one is no news in any case."""
        if not text:
            return True
        whole, size = self._text, len(text)
        at = bisect_left(self._order, text, key=lambda start: whole[start : start + size])
        return at < len(self._order) and whole.startswith(text, self._order[at])


def training_text(directory: Path, progress: Progress) -> TrainingText:
    """The train split of an ingestion directory.

    Raises:
        SettingsError: its index takes more memory than there is.
    """
    corpus = Corpus(directory)
    characters, free = corpus.characters("train"), available_bytes()
    most = MOST_CHARACTERS if free is None else min(MOST_CHARACTERS, free // BYTES_A_CHARACTER)
    if characters > most:
        raise SettingsError(
            "the index of training text must fit into memory",
            f"{characters:,} characters, where there is room for {most:,}",
            "Leave out until.novel, or give a smaller corpus",
        )
    return TrainingText((text for _, _, texts in corpus.drawn("train") for text in texts), progress)
