"""What leaves a question open though the figures alone would tell, and the reason that is given."""

import dataclasses

import numpy as np
import pytest

from tests.comparison.made import BLOCKS, MADE, TEXTS, answer, drifting, grid, large, poor, repeating
from textgen_core.comparison.cells import share_label
from textgen_core.comparison.effects import MARGIN
from textgen_core.comparison.evidence import Reads
from textgen_core.comparison.groups import UNTOLD


@pytest.mark.parametrize("question", [*MADE, "Are word models faster?"])
def test_without_cells_to_compare_nothing_can_be_told(question):
    assert answer(question, []).answer == UNTOLD
    alone = [cell for cell in grid() if cell.family == "rnn" and cell.kind == "char" and cell.share == 1]
    found = answer(question, alone)
    assert (found.answer, found.effect, found.low) == (UNTOLD, None, None) and "finished cells" in found.reason


def test_where_nobody_repeats_anything_nothing_is_told_of_repetition():
    question, none = "Do RNNs repeat themselves more and more?", np.zeros((TEXTS, BLOCKS))
    silent = [dataclasses.replace(cell, repetition=Reads(none, none + 10)) for cell in grid()]
    found = answer(question, silent)
    assert (found.answer, found.effect) == (UNTOLD, None) and "says a run of four words again" in found.reason
    words = none + 10
    words[: TEXTS // 2, 1:] = 0  # half of them repeat something, and are over before it could grow
    brief = [dataclasses.replace(cell, repetition=Reads(words * (words[:, -1:] == 0) / 2, words)) for cell in silent]
    assert (answer(question, brief).answer, answer(question, brief).effect) == (UNTOLD, None)
    told = [own if own.family == "rnn" else mute for own, mute in zip(grid(**repeating(0.1)), silent, strict=True)]
    assert answer(question, told).answer == "yes"


@pytest.mark.parametrize("question", [name for name, made in MADE.items() if made not in (poor, large)])
def test_where_no_text_is_long_enough_that_is_the_reason(question):
    def brief(found):
        below = found.below.copy()
        below[:, BLOCKS // 4 :] = 0
        return Reads(found.above * (below > 0), below)

    cells = [dataclasses.replace(c, reading=brief(c.reading), repetition=brief(c.repetition)) for c in grid()]
    found = answer(question, cells)
    assert found.answer == UNTOLD and "a smaller long_characters" in found.reason


def drawn_as(own, drift):
    """The texts, and as many that are over early: by all of them the charts show so much drift."""
    early, late = slice(0, BLOCKS // 4), slice(BLOCKS // 2, None)
    brief = np.where(np.arange(BLOCKS) < early.stop, own.below, 0)
    rate = 2 * (own.rate(late)[0] - drift) - own.rate(early)[0]
    return Reads(np.concatenate([own.above, rate * brief]), np.concatenate([own.below, brief]))


def seen_as(cell, drawn):
    """The cell, as charts show another."""
    return dataclasses.replace(
        cell,
        held_out=float(drawn.bits[0]),
        reading=drawn_as(cell.reading, drawn.reading.drift[0]),
        repetition=drawn_as(cell.repetition, drawn.repetition.drift[0]),
    )


@pytest.mark.parametrize("question", MADE)
def test_no_answer_is_belied_by_the_charts(question):
    """The charts are of other texts than the intervals, or of more: where they say the opposite, nothing is told."""
    for effect, by_charts, expected in [
        (0.12, 0.14, "yes"),
        (0.12, 0.0, UNTOLD),
        (0.12, -0.1, UNTOLD),
        (-0.12, -0.02, "no"),
        (-0.12, 0.02, UNTOLD),
    ]:
        read, plotted = grid(**MADE[question](effect)), grid(**MADE[question](by_charts), noise=0)
        cells = list(map(seen_as, read, plotted))
        found = answer(question, cells)
        assert found.answer == expected
        assert ("but by the charts" in found.reason) == (expected == UNTOLD)
        assert f"by the charts {abs(by_charts):.3f}" in found.reason, "it is what a reader finds in the table"


def unlearned(cells, told):
    """The cells, of which those have learned nothing that told names."""
    return [dataclasses.replace(cell, learned=not told(cell)) for cell in cells]


@pytest.mark.parametrize("family", ["rnn", "transformer"])
@pytest.mark.parametrize("share", [0.1, 1.0])
def test_what_has_learned_nothing_says_nothing_of_data_and_is_named(family, share):
    cells = unlearned(grid(**poor(0.3)), lambda cell: (cell.family, cell.share) == (family, share))
    found = answer("Do Transformers need more data?", cells)
    assert (found.answer, found.effect) == (UNTOLD, None)
    assert f"{family}-char-1k-{share_label(share)}" in found.reason and "how frequent each" in found.reason
    assert "how frequent" not in answer("Are word models faster?", cells).reason


def test_what_has_learned_nothing_says_nothing_of_size():
    question = "Do character models need bigger layers?"
    cells = unlearned(grid(**large(0.3)), lambda cell: cell.size == 4000)
    assert (answer(question, cells).answer, answer(question, cells).effect) == (UNTOLD, None)


@pytest.mark.parametrize("better", ["rnn", "transformer"])
def test_where_less_text_is_better_it_is_not_text_that_was_short(better):
    cells = grid(cost=lambda family, share, **cell: 2 + 0.3 * (share < 1) * (-1 if family == better else 1))
    found = answer("Do Transformers need more data?", cells)
    assert found.answer == UNTOLD and abs(found.effect) == pytest.approx(0.6, abs=0.02)
    assert f"but with less text {better} reads better" in found.reason


@pytest.mark.parametrize("hasty", ["rnn", "transformer"])
def test_where_there_was_no_time_to_read_all_it_is_not_text_that_was_short(hasty):
    whole = grid(**poor(0.3))
    cells = [dataclasses.replace(cell, read_once=cell.family != hasty or cell.share < 1) for cell in whole]
    found = answer("Do Transformers need more data?", cells)
    assert found.answer == UNTOLD and f"but {hasty} had no time to read all of the text once" in found.reason
    brief = [dataclasses.replace(cell, read_once=cell.share == 1) for cell in whole]
    assert answer("Do Transformers need more data?", brief).answer == "yes", "of the smaller share that means nothing"


def test_where_two_are_alike_there_is_no_place_between_them():
    question = "Do encoder-decoders with attention stand between?"
    close = {"rnn": MARGIN, "transformer": 0.0}
    between = grid(drift=lambda family, **cell: close.get(family, MARGIN / 2), noise=0.001)
    assert (answer(question, between).answer, answer(question, between).effect) == (UNTOLD, None)
    outside = grid(drift=lambda family, **cell: close.get(family, 0.3), noise=0.001)
    assert answer(question, outside).answer == "no"


def test_a_single_text_tells_an_effect_but_not_how_sure_it_is():
    cells = [
        dataclasses.replace(cell, reading=Reads(cell.reading.above[:1], cell.reading.below[:1]))
        for cell in grid(**drifting(0.3))
    ]
    found = answer("Do RNNs lose long coherence?", cells)
    assert (found.answer, found.low, found.high) == (UNTOLD, None, None)
    assert found.effect == pytest.approx(0.3, abs=0.1) and "a single text" in found.reason
