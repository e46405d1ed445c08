"""Answers of several places of a grid, of levels and families: as one, or each by its name."""

import dataclasses
import re

import numpy as np
import pytest

from tests.comparison.made import BLOCKS, CHARS, TEXTS, answer, grid, poor, reads
from textgen_core.comparison.evidence import Reads
from textgen_core.comparison.groups import DEPENDS, UNTOLD, labels


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


def test_which_is_faster_can_depend_on_the_family():
    factors = {"rnn": 3.0, "transformer": 0.5, "seq2seq-rnn": 1.0}
    found = answer(
        "Are word models faster?", grid(speed=lambda family, kind, **cell: factors[family] if kind == "word" else 1.0)
    )
    assert (found.answer, found.effect) == (DEPENDS, None)
    assert "rnn 1k: a model of words writes 3 times" in found.reason and "transformer 4k: 0.5 times" in found.reason


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


def test_places_are_told_apart_by_what_differs():
    assert labels([("char", "300k", "rnn")]) == ["char"]
    assert labels([("char", "300k", "rnn"), ("word", "300k", "rnn")]) == ["char", "word"]
    assert labels([("char", "", "rnn"), ("char", "", "lstm")]) == ["char rnn", "char lstm"]


def noisy(seed, key):
    generator = np.random.default_rng((seed, key))
    return Reads((2 + generator.normal(0, 2, (TEXTS, BLOCKS))) * CHARS, np.full((TEXTS, BLOCKS), float(CHARS)))


def test_among_many_comparisons_none_tells_by_chance():
    """Four of noise alone, each by a 95% interval of its own: in one grid of ten or so one would say yes or no."""
    found = [
        answer("Do Transformers need more data?", rows).answer
        for seed in range(25)
        for rows in [[dataclasses.replace(cell, reading=noisy(seed, n)) for n, cell in enumerate(grid())]]
    ]
    assert found.count(UNTOLD) >= 22
