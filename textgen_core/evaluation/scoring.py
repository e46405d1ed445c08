"""The probability that a model gives to texts it is shown: for perplexity, and for ``textgen score``.

A text is read as a document of its own: END, its tokens, END. All its tokens and the closing END are counted.
How much each prediction sees:

- full context (window None): all that the model can use. One that carries its state sees everything before; one with
  a limited context slides by half of it, so that each prediction sees at least half, or all there is.
- windowed (window = size): separate windows, each from a fresh state, as losses in training are often measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from textgen_core.decoding.shapes import power_of_two
from textgen_core.errors import SettingsError
from textgen_core.evaluation.reading import ModelReader, Reader
from textgen_core.evaluation.windows import Chain, carried, power_of_four, power_of_four_within, separate
from textgen_core.progress import Advance, Counter, Progress, silent
from textgen_core.tokenization.interface import END, PAD, Tokenizer

if TYPE_CHECKING:
    from textgen_core.models.interface import LanguageModel

LOGITS = 1 << 25
"""Logits computed at a time at most, and scores of an attention: 128 MB in float32."""
CARRIED = 256
"""Tokens read at a time by a model that carries its state. The result doesn't depend on it."""

Logprobs = npt.NDArray[np.float32]


class TextScore(NamedTuple):
    """What a model says of one text."""

    n_tokens: int
    """Tokens counted, the closing END included."""
    logprob: float
    """Sum of their natural log-probabilities."""


def check_reads_text(pairs: bool) -> None:
    """Raise SettingsError if a model is one of pairs, as its configuration tells before it is loaded."""
    if pairs:
        raise SettingsError(
            "a text by itself is scored by a model that reads text",
            "a model of pairs, which is to write a target from its source",
            "`textgen evaluate` measures it on the held-out pairs that it was tokenized with",
        )


def score_texts(
    model: LanguageModel,
    tokenizer: Tokenizer,
    texts: Sequence[str],
    window: int | None = None,
    rows: int = 64,
    progress: Progress = silent,
) -> list[TextScore]:
    """How likely the model finds each text; see score_sequences. The cost of spelling unknowns is not in it.

    Raises:
        SettingsError: it is a model of pairs, which says of no text by itself how likely it is.
    """
    check_reads_text(model.pairs)
    sequences = tokenizer.encode(texts)
    advance = Counter(progress, "scoring", sum(len(sequence) + 1 for sequence in sequences), "tokens")
    return score_sequences(ModelReader(model), sequences, window, rows, advance)


def score_sequences(
    reader: Reader,
    sequences: Sequence[Sequence[int]],
    window: int | None = None,
    rows: int = 64,
    advance: Advance = lambda tokens: None,
) -> list[TextScore]:
    """How likely the reader finds each sequence of token ids.

    Args:
        window: None for the full context, else the size of separate windows.
        rows: rows computed together at most; fewer where the vocabulary is large.
        advance: is told how many more tokens were counted.
    """
    found = token_logprobs(reader, sequences, window, rows, advance)
    return [TextScore(len(logprobs), float(logprobs.sum(dtype=np.float64))) for logprobs in found]


def token_logprobs(
    reader: Reader,
    sequences: Sequence[Sequence[int]],
    window: int | None = None,
    rows: int = 64,
    advance: Advance = lambda tokens: None,
) -> list[Logprobs]:
    """[n_tokens + 1] of each sequence: natural log-probabilities of its tokens and of the END; see score_sequences."""
    streams = [np.array([END, *sequence, END], np.int32) for sequence in sequences]
    found = [np.empty(len(stream) - 1, np.float32) for stream in streams]
    chains, size = _chains(reader, [len(logprobs) for logprobs in found], window)
    logits = size * reader.vocab_size
    looks = 0 if reader.carries_state else size * size  # if it attends
    rows = power_of_four_within(max(1, min(rows, LOGITS // max(logits, looks))))
    for first in range(0, len(chains), rows):
        _read(reader, streams, chains[first : first + rows], size, found, advance)
    return found


def _chains(reader: Reader, lengths: list[int], window: int | None) -> tuple[list[Chain], int]:
    """What is read from a fresh state to its end, and the size of a window."""
    if window is not None:
        return separate(lengths, window, window), window
    if reader.carries_state:
        return carried(lengths, CARRIED), CARRIED
    size = reader.max_context or max(lengths, default=1)
    return separate(lengths, size, max(1, size // 2)), size


def _read(
    reader: Reader,
    streams: list[npt.NDArray[np.int32]],
    chains: list[Chain],
    size: int,
    found: list[Logprobs],
    advance: Advance,
) -> None:
    """Read chains side by side, writing down what is counted. The longest come first: those at work are the first."""
    width = min(size, power_of_two(chains[0].windows[0].shown, 16))
    state = None
    for step in range(len(chains[0].windows)):
        at_work = [
            (place, chain.sequence, chain.windows[step]) for place, chain in enumerate(chains) if step < len(chain[1])
        ]
        tokens, following = np.full((2, power_of_four(len(at_work)), width), PAD, np.int32)
        for place, sequence, (start, stop, _) in at_work:
            tokens[place, : stop - start] = streams[sequence][start:stop]
            following[place, : stop - start] = streams[sequence][start + 1 : stop + 1]
        logprobs, state = reader.read(tokens, following, state)
        for place, sequence, (start, stop, counted) in at_work:
            found[sequence][counted:stop] = logprobs[place, counted - start : stop - start]
        advance(sum(window.stop - window.counted for _, _, window in at_work))
