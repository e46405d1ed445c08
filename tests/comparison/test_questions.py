"""What made-up cells answer: each question can be answered by yes and by no, and can be left open."""

import re

import pytest

from tests.comparison.made import MADE, answer, fast, grid
from textgen_core.comparison.effects import CLOCK, MARGIN
from textgen_core.comparison.groups import UNTOLD
from textgen_core.comparison.questions import QUESTIONS


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
