"""What people say of language models, as questions to the cells of a grid.

Each effect is a difference of differences between cells that have all else in common. Where a grid has several such
pairs, each gives one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import numpy as np

from textgen_core.comparison.evidence import Evidence, Floats
from textgen_core.comparison.verdicts import MARGIN, Question, SpeedQuestion, Verdict

WORDS = ("word", "subword")
"""Kinds of tokens that stand for words, the best first."""

Place = tuple[str, str, int | None, float]
"""Variant, level, size and share."""


def verdicts(cells: Sequence[Evidence]) -> list[Verdict]:
    """The answer to every question."""
    return [question.verdict(cells) for question in QUESTIONS]


def more_data(cells: Sequence[Evidence]) -> list[Floats]:
    """What less text costs a Transformer more than an RNN; one that learns nothing from less is the plainest answer."""
    known, shares = _by_place(cells), sorted({cell.share for cell in cells})
    effects = []
    for own, other in _pairs(_most_text(cells), "transformer", "rnn"):
        poor, poorer = (known.get((cell.variant, cell.level, cell.size, shares[0])) for cell in (own, other))
        if poor and poorer and len(shares) > 1:
            effects.append((poor.bits - poorer.bits) - (own.bits - other.bits))
    return effects


def lost_coherence(cells: Sequence[Evidence]) -> list[Floats]:
    """What an RNN makes less of what lies far back than a Transformer."""
    return [own.reading.drift - other.reading.drift for own, other in _pairs(_most_text(cells), "rnn", "transformer")]


def growing_repetition(cells: Sequence[Evidence]) -> list[Floats]:
    """By how much an RNN's repetition grows more than a Transformer's."""
    pairs = _pairs(_most_text(cells), "rnn", "transformer")
    return [own.repetition.drift - other.repetition.drift for own, other in pairs]


def between(cells: Sequence[Evidence]) -> list[Floats]:
    """How far an encoder-decoder's drift lies within those of an RNN and a Transformer; below zero if it doesn't."""
    most, effects = _most_text(cells), []
    for own in (cell for cell in most if cell.attentive):
        for rnn, transformer in product(_beside(own, most, "rnn"), _beside(own, most, "transformer")):
            low, high = np.sort([rnn.reading.drift, transformer.reading.drift], axis=0)
            within = np.minimum(own.reading.drift - low, high - own.reading.drift)
            if high[0] - low[0] > 2 * MARGIN or within[0] < -MARGIN:  # else there is no room between them
                effects.append(within)
    return effects


def worth_of_size(cells: Sequence[Evidence]) -> list[Floats]:
    """What the larger size saves a model of characters more than one of words."""
    known, sizes = (
        _by_place([cell for cell in cells if cell.learned]),
        sorted({cell.size for cell in cells if cell.size is not None}),
    )
    effects = []
    for own, other in _levels(_most_text(cells)):
        if sizes and own.size == sizes[0] < sizes[-1]:
            larger, wider = (known.get((cell.variant, cell.level, sizes[-1], cell.share)) for cell in (own, other))
            if larger and wider:
                effects.append((own.bits - larger.bits) - (other.bits - wider.bits))
    return effects


def speed_of_words(cells: Sequence[Evidence]) -> list[float]:
    """How many times as many characters a second a model of words writes as one of characters."""
    speeds = [(chars.speed, words.speed) for chars, words in _levels(_most_text(cells))]
    return [fast / slow for slow, fast in speeds if slow and fast]


def coherence_of_words(cells: Sequence[Evidence]) -> list[Floats]:
    """What a model of characters makes less of what lies far back than one of words."""
    return [chars.reading.drift - words.reading.drift for chars, words in _levels(_most_text(cells))]


BITS = "bits a character"
QUESTIONS: tuple[Question | SpeedQuestion, ...] = (
    Question(
        "Do Transformers need more data?",
        more_data,
        BITS,
        "With the smallest share of the text, not the largest, a Transformer loses {} bits a character {} than an RNN",
        ("more", "less"),
        "a Transformer and an RNN at two shares",
    ),
    Question(
        "Do RNNs lose long coherence?",
        lost_coherence,
        BITS,
        "From early to late in held-out texts an RNN saves {} bits a character {} than a Transformer",
        ("less", "more"),
        "an RNN and a Transformer",
    ),
    Question(
        "Do RNNs repeat themselves more and more?",
        growing_repetition,
        "share of words",
        "From early to late in its own texts an RNN's share of repeated words grows by {} {} than a Transformer's",
        ("more", "less"),
        "an RNN and a Transformer",
    ),
    Question(
        "Do encoder-decoders with attention stand between?",
        between,
        BITS,
        "By what they save from early to late in held-out texts they lie {} bits a character {} the other two",
        ("within", "outside"),
        "an encoder-decoder, and of an RNN and a Transformer that differ",
    ),
    Question(
        "Do character models need bigger layers?",
        worth_of_size,
        BITS,
        "From the smallest size to the largest a model of characters gains {} bits a character {} than one of words",
        ("more", "less"),
        "models of characters and of words at two sizes",
    ),
    SpeedQuestion(
        "Are word models faster?",
        speed_of_words,
        "A model of words writes {} times as many characters a second as one of characters",
        "models of characters and of words",
    ),
    Question(
        "Are word models more coherent?",
        coherence_of_words,
        BITS,
        "From early to late in held-out texts a model of words saves {} bits a character {} than one of characters",
        ("more", "less"),
        "models of characters and of words",
    ),
)


def _by_place(cells: Sequence[Evidence]) -> Mapping[Place, Evidence]:
    return {(cell.variant, cell.level, cell.size, cell.share): cell for cell in cells}


def _most_text(cells: Sequence[Evidence]) -> list[Evidence]:
    """The cells with the largest share, without those that have learned nothing: what a budget was too small for says
    nothing about its family."""
    most = max((cell.share for cell in cells), default=1.0)
    return [cell for cell in cells if cell.share == most and cell.learned]


def _pairs(cells: Sequence[Evidence], one: str, other: str) -> Iterator[tuple[Evidence, Evidence]]:
    """A cell of one family and one of another, alike in all else."""
    for own in cells:
        if own.family == one:
            yield from ((own, rival) for rival in _beside(own, cells, other))


def _beside(own: Evidence, cells: Sequence[Evidence], family: str) -> list[Evidence]:
    """The cells of a family with the level, size and share of own."""
    alike = (own.level, own.size, own.share)
    return [cell for cell in cells if cell.family == family and (cell.level, cell.size, cell.share) == alike]


def _levels(cells: Sequence[Evidence]) -> Iterator[tuple[Evidence, Evidence]]:
    """A cell of characters and one of words, of the same variant, size and share."""
    words = next((kind for kind in WORDS if kind in {cell.kind for cell in cells}), "")
    for own in cells:
        for rival in cells:
            alike = (own.variant, own.size, own.share) == (rival.variant, rival.size, rival.share)
            if alike and own.kind == "char" and rival.kind == words:
                yield own, rival
