"""What made-up cells answer: each question can be answered by yes and by no, and can be left open."""

import dataclasses
import itertools
import re

import numpy as np
import pytest

from textgen_core.comparison.cells import share_label
from textgen_core.comparison.effects import CLOCK, MARGIN
from textgen_core.comparison.evidence import Evidence, Reads, letter_bits
from textgen_core.comparison.groups import DEPENDS, UNTOLD, labels
from textgen_core.comparison.questions import QUESTIONS, verdicts

TEXTS, BLOCKS, CHARS = 40, 8, 64
NOISE = 0.02


def reads(rates, key, noise=NOISE):
    """Texts that cost so much in each stretch; what is hard for one cell is so for all, but for a little noise."""
    shared, own = np.random.default_rng(0), np.random.default_rng(key)
    difficulty = shared.normal(0, 0.5, (TEXTS, 1))
    each = np.asarray(rates) + difficulty + own.normal(0, noise, (TEXTS, BLOCKS))
    return Reads(each * CHARS, np.full((TEXTS, BLOCKS), float(CHARS)))


def grid(
    cost=lambda **cell: 2.0, drift=lambda **cell: 0.0, repeated=lambda **cell: 0.0, speed=lambda **cell: 100.0, **more
):
    """The cells of a whole grid, whose figures are functions of what they are.

    Args:
        drift: by how much dearer late stretches are than early ones; repeated: the same of repetition.
    """
    places = itertools.product(
        more.get("families", ("rnn", "transformer", "seq2seq-rnn")), ("char", "word"), (1000, 4000), (0.1, 1.0)
    )
    cells = []
    for key, (family, kind, size, share) in enumerate(places):
        cell = {"family": family, "kind": kind, "size": size, "share": share}
        ramp = np.where(np.arange(BLOCKS) < BLOCKS // 2, 0.0, 1.0)
        cells.append(
            Evidence(
                variant=family,
                attentive=family.startswith("seq2seq"),
                level=kind,
                reading=reads(cost(**cell) + drift(**cell) * ramp, key, more.get("noise", NOISE)),
                repetition=reads(0.2 + repeated(**cell) * ramp, 1000 + key, more.get("noise", NOISE)),
                speed=speed(**cell),
                **cell,
            )
        )
    return cells


def poor(amount):
    """Little text costs a Transformer more by so much."""
    return {"cost": lambda family, share, **cell: 2 + (share < 1) * (0.5 + amount * (family == "transformer"))}


def drifting(amount):
    return {"drift": lambda family, **cell: {"rnn": amount, "transformer": 0.0}.get(family, amount / 2)}


def repeating(amount):
    return {"repeated": lambda family, **cell: amount * (family == "rnn")}


def aside(amount):
    """The encoder-decoder lies so far within, or outside of, the others' drift."""
    return {"drift": lambda family, **cell: {"rnn": 0.3, "transformer": 0.0}.get(family, 0.3 - amount)}


def large(amount):
    """Size saves characters more than words by so much."""
    return {"cost": lambda kind, size, **cell: 2 - amount * (kind == "char" and size == 4000)}


def fast(factor):
    return {"speed": lambda kind, **cell: 100.0 * (factor if kind == "word" else 1)}


def coherent(amount):
    return {"drift": lambda kind, **cell: -amount * (kind == "word")}


MADE = {
    "Do Transformers need more data?": poor,
    "Do RNNs lose long coherence?": drifting,
    "Do RNNs repeat themselves more and more?": repeating,
    "Do encoder-decoders with attention stand between?": aside,
    "Do character models need bigger layers?": large,
    "Are word models more coherent?": coherent,
}
"""From an effect to a grid that has it."""


def answer(question, cells):
    return next(found for found in verdicts(cells) if found.question == question)


def test_every_question_is_tried():
    assert {question.text for question in QUESTIONS} == {*MADE, "Are word models faster?"}


@pytest.mark.parametrize("question", MADE)
def test_an_effect_is_found_as_large_as_it_is(question):
    for effect, expected in ((0.12, "yes"), (-0.12, "no")):
        found = answer(question, grid(**MADE[question](effect)))
        assert found.answer == expected
        assert found.effect == pytest.approx(effect, abs=0.02) and found.low < found.effect < found.high
        sign = next(each.signs for each in QUESTIONS if each.text == question)[effect < 0]
        assert re.search(rf"{abs(found.effect):.3f} .*\b{sign}\b", found.reason) and found.high - found.low < 0.05


@pytest.mark.parametrize("question", MADE)
def test_what_does_not_matter_is_no_and_what_noise_hides_is_left_open(question):
    still = {"families": ("rnn", "transformer", "seq2seq-rnn")}
    if question != "Do encoder-decoders with attention stand between?":  # whose zero is a place on the border
        assert answer(question, grid(**MADE[question](MARGIN / 10), **still, noise=0.001)).answer == "no"
    hidden = answer(question, grid(**MADE[question](0.05), **still, noise=1.5))
    assert hidden.answer == UNTOLD and hidden.low < MARGIN < hidden.high


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


def test_the_verdict_on_speed_allows_for_the_clock():
    question = "Are word models faster?"
    assert [answer(question, grid(**fast(factor))).answer for factor in (3.0, 1 / 3, 1.05)] == ["yes", "no", UNTOLD]
    found = answer(question, grid(**fast(3.04)))
    assert "writes 3 times as many" in found.reason, "with the digits that a clock tells"
    found = answer(question, grid(**fast(3.0)))
    assert found.effect == pytest.approx(3) and found.high == pytest.approx(3 * CLOCK)
    assert answer(question, grid(speed=lambda **cell: None)).answer == UNTOLD


def test_which_is_faster_must_be_so_by_all_timings():
    """One may be of a busy moment: there is one a share."""
    question, factors = "Are word models faster?", {0.1: 0.8, 1.0: 3.0}
    mixed = grid(speed=lambda kind, share, **cell: factors[share] if kind == "word" else 1.0)
    found = answer(question, mixed)
    assert found.answer == UNTOLD and found.effect == pytest.approx((0.8 * 3.0) ** 0.5)
    assert (found.low, found.high) == (pytest.approx(0.8 / CLOCK), pytest.approx(3.0 * CLOCK))
    alone = answer(question, [cell for cell in mixed if cell.share == 1.0])
    assert (alone.answer, alone.effect, alone.low) == (UNTOLD, pytest.approx(3.0), None)
    assert "by one timing each, of one share of the text: too few to tell" in alone.reason
    # a family timed once more than another: what both say lies within the interval of both
    rare = {"speed": lambda family, kind, **cell: 10.0 if (family, kind) == ("rnn", "word") else 1.0}
    found = answer(question, [cell for cell in grid(**rare) if (cell.family, cell.share) != ("rnn", 0.1)])
    assert found.answer == UNTOLD and found.low < found.effect < found.high == pytest.approx(10)


def poor_by_level(**amounts):
    """Little text costs a Transformer more by so much at each level; both sizes alike."""
    return {
        "cost": lambda family, share, kind, **c: 2 + (share < 1) * (0.5 + amounts[kind] * (family == "transformer"))
    }


def test_where_levels_say_the_opposite_it_depends_and_each_is_named():
    found = answer("Do Transformers need more data?", grid(**poor_by_level(char=-0.15, word=0.26)))
    assert (found.answer, found.effect, found.low, found.high) == (DEPENDS, None, None, None)
    sizes = ("1k", "4k")
    named = [(rf"char {size}: .*0\.1[3-7]\d .*\bbetter\b", rf"word {size}: 0\.2[4-8]\d worse") for size in sizes]
    assert all(re.search(pattern, found.reason) for pair in named for pattern in pair)
    assert found.reason.startswith("char 1k: beside an RNN")


def test_the_figure_of_a_single_comparison_stands_once():
    """With what stands behind it, such as what the charts say."""
    cells = [
        dataclasses.replace(cell, held_out=float(cell.bits[0]))
        for cell in grid(**poor(0.12))
        if (cell.kind, cell.size) == ("char", 1000)
    ]
    found = answer("Do Transformers need more data?", cells)
    assert found.reason.count(f"{found.effect:.3f}") == 2, "the claim's, and what the charts say of the same texts here"
    assert found.reason.endswith(f"; char; by the charts {found.effect:.3f} worse).")


def with_vague_words(cells):
    """The cells, of which those of words differ so much from text to text that they tell nothing."""
    return [
        dataclasses.replace(cell, reading=reads(np.full(BLOCKS, 2.0), 500 + n, noise=30))
        if cell.kind == "word"
        else cell
        for n, cell in enumerate(cells)
    ]


def test_where_one_of_several_comparisons_tells_its_figure_stands_once_beside_the_others():
    cells = [cell for cell in grid(**poor(0.12)) if cell.size == 1000]
    found = answer("Do Transformers need more data?", with_vague_words(cells))
    assert found.answer == "yes" and found.reason.count(f"{found.effect:.3f}") == 1
    assert re.search(r"; char, the only one of 2 comparisons that tells\)\. word: [^;]+\.$", found.reason)


def test_levels_that_agree_are_one_answer_between_the_ends_of_all():
    found = answer("Do Transformers need more data?", grid(**poor_by_level(char=0.1, word=0.3)))
    assert found.answer == "yes" and found.effect == pytest.approx(0.2, abs=0.02)
    assert found.low < 0.1 and found.high > 0.3 and "mean of 4 comparisons" in found.reason


def test_a_level_that_tells_nothing_takes_no_part():
    cells = with_vague_words(grid(**poor_by_level(char=0.2, word=-3.0)))
    found = answer("Do Transformers need more data?", cells)
    assert found.answer == "yes" and found.effect == pytest.approx(0.2, abs=0.02) and "2 of 4" in found.reason


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


def test_an_interval_is_told_in_the_words_of_its_claim():
    """A claim of "worse" beside an interval below zero would say the opposite of itself."""
    lost = next(asked for asked in QUESTIONS if asked.text == "Do RNNs lose long coherence?")
    assert lost.short(-0.029) == "0.029 better"
    assert lost.span(-0.083, 0.017) == "0.083 better to 0.017 worse"
    assert lost.span(-0.083, -0.017) == "0.017 to 0.083 better"
    assert lost.span(0.017, 0.083) == "0.017 to 0.083 worse"


def total(*figures):
    """The sum of functions of a cell, of which some may be missing."""
    return lambda **cell: sum(figure(**cell) for figure in figures if figure)


@pytest.mark.parametrize("question", MADE)
@pytest.mark.parametrize("common", [-0.5, 0.5])
def test_a_claim_compares_two_and_says_of_neither_that_it_gets_better(question, common):
    """All may get worse: that one "saves more" is not so then."""
    trends = {
        "cost": lambda share, size, **cell: common * ((share < 1) + (size == 4000)),
        "drift": lambda **cell: common,
        "repeated": lambda **cell: 0.3 * common,
    }
    made = {"cost": lambda **cell: 2.0, **MADE[question](0.12)}
    both = {name: total(trend, made.get(name)) for name, trend in trends.items()}
    found = answer(question, grid(**both))
    assert found.effect == pytest.approx(0.12, abs=0.02)
    directed = r"\b(saves?|gains?|loses?|grows?|costs?|falls?|rises?)\b"
    assert not re.search(directed, found.reason) and re.match(r"Beside|From early", found.reason)


def test_which_is_faster_can_depend_on_the_family():
    factors = {"rnn": 3.0, "transformer": 0.5, "seq2seq-rnn": 1.0}
    found = answer(
        "Are word models faster?", grid(speed=lambda family, kind, **cell: factors[family] if kind == "word" else 1.0)
    )
    assert (found.answer, found.effect) == (DEPENDS, None)
    assert "rnn 1k: a model of words writes 3 times" in found.reason and "transformer 4k: 0.5 times" in found.reason


def test_places_are_told_apart_by_what_differs():
    assert labels([("char", "300k", "rnn")]) == ["char"]
    assert labels([("char", "300k", "rnn"), ("word", "300k", "rnn")]) == ["char", "word"]
    assert labels([("char", "", "rnn"), ("char", "", "lstm")]) == ["char rnn", "char lstm"]


def test_among_many_comparisons_none_tells_by_chance():
    """Four of noise alone, each by a 95% interval of its own: in one grid of ten or so one would say yes or no."""
    found = [
        answer("Do Transformers need more data?", rows).answer
        for seed in range(25)
        for rows in [[dataclasses.replace(cell, reading=noisy(seed, n)) for n, cell in enumerate(grid())]]
    ]
    assert found.count(UNTOLD) >= 22


def noisy(seed, key):
    generator = np.random.default_rng((seed, key))
    return Reads((2 + generator.normal(0, 2, (TEXTS, BLOCKS))) * CHARS, np.full((TEXTS, BLOCKS), float(CHARS)))


def test_what_is_hard_for_all_cancels_out():
    """The texts differ by half a bit and more; pairs of cells still tell a tenth of one."""
    own = grid(**poor(0.12))[0].reading.rate()
    assert np.quantile(own[1:], 0.975) - np.quantile(own[1:], 0.025) > 0.2


def test_texts_that_are_over_do_not_count():
    whole = reads(np.full(BLOCKS, 2.0), 1)
    above, below = whole.above.copy(), whole.below.copy()
    above[:10, 4:] = below[:10, 4:] = 0
    cut = Reads(above, below)
    assert cut.rate(slice(0, 4))[0] == whole.rate(slice(0, 4))[0]
    assert cut.rate(slice(4, None))[0] == pytest.approx(whole.above[10:, 4:].sum() / whole.below[10:, 4:].sum())
    assert np.isnan(Reads(np.zeros((3, 4)), np.zeros((3, 4))).drift).all()


@pytest.mark.parametrize("question", [name for name, made in MADE.items() if made not in (poor, large)])
def test_where_no_text_is_long_enough_that_is_the_reason(question):
    def brief(found):
        below = found.below.copy()
        below[:, BLOCKS // 4 :] = 0
        return Reads(found.above * (below > 0), below)

    cells = [dataclasses.replace(c, reading=brief(c.reading), repetition=brief(c.repetition)) for c in grid()]
    found = answer(question, cells)
    assert found.answer == UNTOLD and "a smaller long_characters" in found.reason


def test_texts_that_are_over_do_not_make_the_others_drift():
    """Half of them say nothing again and end early; the others repeat four words of ten, early as late."""
    words = np.full((TEXTS, BLOCKS), 10.0)
    words[: TEXTS // 2, BLOCKS // 4 :] = 0
    rates = np.repeat([0.0, 0.4], TEXTS // 2)[:, None]
    found = Reads(rates * words, words)
    assert found.drift == pytest.approx(np.zeros(len(found.drift)))
    assert found.rate(slice(0, BLOCKS // 4))[0] == pytest.approx(0.2), "which is what all of them have early"
    missing = Reads(found.above[:, ::-1], found.below[:, ::-1])
    assert missing.drift == pytest.approx(np.zeros(len(missing.drift))), "nor does what only some have late"


def test_letters_take_as_many_bits_as_their_frequencies_say():
    assert letter_bits(["aab", "bccdd"]) == pytest.approx(2.0) and letter_bits(["aaaa"]) == 0


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


def test_what_has_learned_nothing_says_nothing_of_size():
    question = "Do character models need bigger layers?"
    cells = unlearned(grid(**large(0.3)), lambda cell: cell.size == 4000)
    assert (answer(question, cells).answer, answer(question, cells).effect) == (UNTOLD, None)


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
