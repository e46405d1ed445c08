"""Stop strings: found in the text as it grows, so that the borders of tokens don't hide them."""

from __future__ import annotations

from collections.abc import Sequence

from textgen_core.tokenization.incremental import IncrementalDecoder
from textgen_core.tokenization.interface import Tokenizer


class StopScanner:
    """Watches one row's tokens. Remembers only as much text as could be the beginning of a stop string."""

    def __init__(self, tokenizer: Tokenizer, stops: Sequence[str]) -> None:
        self._decoder = IncrementalDecoder(tokenizer)
        self._stops = stops
        self._longest = max(map(len, stops))
        self._tail = ""

    def completes(self, token: int) -> bool:
        """Whether the text contains a stop string now that this token has come."""
        text = self._tail + self._decoder.feed([token])
        self._tail = text[max(0, len(text) - self._longest + 1) :]
        return any(stop in text for stop in self._stops)


def before_stop(text: str, stops: Sequence[str]) -> str:
    """The text before the first stop string in it, all of it where there is none."""
    return text[: min((place for stop in stops if (place := text.find(stop)) >= 0), default=len(text))]
