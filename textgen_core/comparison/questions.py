"""What people say of language models, as questions to the cells of a grid.

Each effect is a difference of differences between cells that have all else in common. Where a grid has several such
pairs, each gives one, and its place. So a claim says how one does compared with another; it says of neither that it
gains or loses, since all may get worse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import numpy as np

from textgen_core.comparison.cells import size_label
from textgen_core.comparison.effects import MARGIN, Effect, Question, Ratio, SpeedQuestion
from textgen_core.comparison.evidence import Evidence, Floats, Reads
from textgen_core.comparison.groups import Place
from textgen_core.comparison.verdicts import Asked, Verdict

WORDS = ("word", "subword")
"""Kinds of tokens that stand for words, the best first."""


def verdicts(cells: Sequence[Evidence]) -> list[Verdict]:
    """The answer to every question."""
    return [question.verdict(cells) for question in QUESTIONS]


def more_data(cells: Sequence[Evidence]) -> list[Effect]:
    """What less text costs a Transformer more than an RNN. Where one of them reads better with less, or had no time to
    read all there is, text is not what it was short of, and nothing is told."""
    known, shares = _by_place(cells), sorted({cell.share for cell in cells})
    effects = []
    for own, other in _pairs(_most_text(cells), "transformer", "rnn"):
        poor, poorer = (known.get((cell.variant, cell.level, cell.size, shares[0])) for cell in (own, other))
        if poor and poorer and len(shares) > 1:
            doubt = _not_short_of_text((poor, own), (poorer, other))
            effects.append(_difference(_at_level(own, other), poor, poorer, own, other)._replace(doubt=doubt))
    return effects


def _not_short_of_text(*shares: tuple[Evidence, Evidence]) -> str:
    """Who it shows of, by a cell with little text and one with much of each; empty where it does of none."""
    better = [few.variant for few, much in shares if few.bits[0] < much.bits[0] - MARGIN]
    unread = [much.variant for _, much in shares if not much.read_once]
    if better:
        return f"but with less text {' and '.join(better)} reads better"
    return f"but {' and '.join(unread)} had no time to read all of the text once" if unread else ""


def lost_coherence(cells: Sequence[Evidence]) -> list[Effect]:
    """What an RNN makes less of what lies far back than a Transformer."""
    pairs = _pairs(_most_text(cells), "rnn", "transformer")
    return [_beside_drift(_at_level(own, other), own.reading, other.reading) for own, other in pairs]


def growing_repetition(cells: Sequence[Evidence]) -> list[Effect]:
    """By how much an RNN's repetition grows more than a Transformer's; where neither repeats anything, none is seen."""
    return [
        _beside_drift(_at_level(own, other), own.repetition, other.repetition)
        for own, other in _pairs(_most_text(cells), "rnn", "transformer")
        if not (_never(own.repetition.lasting) and _never(other.repetition.lasting))
    ]


def _never(found: Reads) -> bool:
    """Whether there are texts, and in none of them what is counted."""
    return bool(found.below.any() and not found.above.any())


def between(cells: Sequence[Evidence]) -> list[Effect]:
    """How far an encoder-decoder's drift lies within those of an RNN and a Transformer; below zero if it doesn't."""
    most, effects = _most_text(cells), []
    for own in (cell for cell in most if cell.attentive):
        for rnn, transformer in product(_beside(own, most, "rnn"), _beside(own, most, "transformer")):
            drift = [cell.reading.drift for cell in (own, rnn, transformer)]
            plotted = [np.array([cell.reading.plotted_drift]) for cell in (own, rnn, transformer)]
            within, apart = _within(*drift), abs(drift[1][0] - drift[2][0])
            if apart > 2 * MARGIN or within[0] < -MARGIN or np.isnan(apart):  # else there is no room between them
                effects.append(Effect(_at_level(own, rnn, transformer), within, float(_within(*plotted)[0])))
    return effects


def _within(own: Floats, one: Floats, other: Floats) -> Floats:
    """How far within the span from one to another; below zero outside of it."""
    within: Floats = np.minimum(own - np.minimum(one, other), np.maximum(one, other) - own)
    return within


def worth_of_size(cells: Sequence[Evidence]) -> list[Effect]:
    """What the larger size saves a model of characters more than one of words."""
    known, sizes = _by_place(cells), sorted({cell.size for cell in cells if cell.size is not None})
    effects = []
    for own, other in _levels(_most_text(cells)):
        if sizes and own.size == sizes[0] < sizes[-1]:
            larger, wider = (known.get((cell.variant, cell.level, sizes[-1], cell.share)) for cell in (own, other))
            if larger and wider:
                effects.append(_difference(_of_variant(own, other), own, larger, other, wider))
    return effects


def speed_of_words(cells: Sequence[Evidence]) -> list[Ratio]:
    """How many times as many characters a second a model of words writes as one of characters, with each share of the
    text: with less of it there may be fewer words, but the work is much the same."""
    timings: dict[Place, list[float]] = {}
    for chars, words in _levels([cell for cell in cells if cell.learned]):
        if chars.speed and words.speed:
            timings.setdefault(_of_variant(chars, words), []).append(words.speed / chars.speed)
    return [Ratio(place, found) for place, found in timings.items()]


def coherence_of_words(cells: Sequence[Evidence]) -> list[Effect]:
    """What a model of characters makes less of what lies far back than one of words."""
    pairs = _levels(_most_text(cells))
    return [_beside_drift(_of_variant(chars, words), chars.reading, words.reading) for chars, words in pairs]


BITS = "bits a character"
QUESTIONS: tuple[Asked, ...] = (
    Question(
        "Do Transformers need more data?",
        "Beside an RNN, a Transformer stands {} bits a character {} with the smallest share of the text than it does "
        "with the largest, in the texts after the seeds",
        "a Transformer and an RNN at two shares",
        BITS,
        more_data,
        ("worse", "better"),
    ),
    Question(
        "Do RNNs lose long coherence?",
        "Beside a Transformer, an RNN stands {} bits a character {} late in held-out texts than it does early",
        "an RNN and a Transformer",
        BITS,
        lost_coherence,
        ("worse", "better"),
    ),
    Question(
        "Do RNNs repeat themselves more and more?",
        "Beside a Transformer's, an RNN's share of words in a run of four said before is {} {} late in its own texts "
        "than it is early",
        "an RNN and a Transformer, one of which at least says a run of four words again",
        "share of words",
        growing_repetition,
        ("higher", "lower"),
    ),
    Question(
        "Do encoder-decoders with attention stand between?",
        "From early to late in held-out texts, an encoder-decoder changes by what lies {} bits a character {} the span "
        "from an RNN's change to a Transformer's",
        "an encoder-decoder, and of an RNN and a Transformer that differ",
        BITS,
        between,
        ("within", "outside"),
    ),
    Question(
        "Do character models need bigger layers?",
        "Beside one of words, a model of characters stands {} bits a character {} at the largest size than it does at "
        "the smallest, in the texts after the seeds",
        "models of characters and of words at two sizes",
        BITS,
        worth_of_size,
        ("better", "worse"),
    ),
    SpeedQuestion(
        "Are word models faster?",
        "A model of words writes {} times as many characters a second as one of characters",
        "models of characters and of words",
        "times",
        speed_of_words,
    ),
    Question(
        "Are word models more coherent?",
        "Beside one of characters, a model of words stands {} bits a character {} late in held-out texts than it does "
        "early",
        "models of characters and of words",
        BITS,
        coherence_of_words,
        ("better", "worse"),
    ),
)


def _beside_drift(place: Place, own: Reads, other: Reads) -> Effect:
    """By how much more one drifts than the other."""
    return Effect(place, own.drift - other.drift, own.plotted_drift - other.plotted_drift)


def _difference(place: Place, *cells: Evidence) -> Effect:
    """By how much more the first of four cells costs than the second, less the same of the third and the fourth."""
    a, b, c, d = (cell.bits for cell in cells)
    plotted = [cell.held_out for cell in cells if cell.held_out is not None]
    if len(plotted) < len(cells):
        return Effect(place, (a - b) - (c - d))
    first, second, third, fourth = plotted
    return Effect(place, (a - b) - (c - d), (first - second) - (third - fourth))


def _at_level(own: Evidence, *others: Evidence) -> Place:
    """Of cells that share level and size."""
    return own.level, size_label(own.size), " beside ".join(cell.variant for cell in (own, *others))


def _of_variant(own: Evidence, other: Evidence) -> Place:
    """Of cells that share variant and size."""
    return own.variant, size_label(own.size), f"{own.level} beside {other.level}"


def _by_place(cells: Sequence[Evidence]) -> Mapping[tuple[str, str, int | None, float], Evidence]:
    """By variant, level, size and share, those that have learned something."""
    return {(cell.variant, cell.level, cell.size, cell.share): cell for cell in cells if cell.learned}


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
