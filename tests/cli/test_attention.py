"""The map of attention in the terminal and on a page."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.cli.attention import SHADES, drawn
from textgen_core.reporting.heat_map import heat_map

SOURCE, TARGET = ["", "the", " fox\n"], [" le", "renard", ""]
WEIGHTS = [[0.0, 1.0, 0.0], [0.1, 0.3, 0.6], [1.0, 0.0, 0.0]]


def test_a_shade_says_where_a_token_looked():
    head, *rows = list(drawn(SOURCE, TARGET, WEIGHTS, 80))[1:]
    assert head.split() == ["⊢", "the", "␣fox↵"] and [row.split()[0] for row in rows] == ["␣le", "renard", "¶"]
    places = [head.index("⊢"), head.index("the"), head.index("␣fox")]
    assert [[SHADES.index(row[place]) for place in places] for row in rows] == [[0, 4, 0], [0, 1, 3], [4, 0, 0]]


def test_weights_spread_over_a_long_source_are_seen():
    (row,) = list(drawn(["a"] * 25, ["x"], [[0.03] * 24 + [0.06]], 80))[2:]
    assert set(row[2:26]) == {SHADES[2]} and row[26] == SHADES[4]


@given(st.lists(st.text("ab \n\x1b", max_size=20), min_size=1, max_size=9), st.integers(1, 60))
def test_no_line_is_wider_than_the_terminal_and_nothing_steers_it(source, width):
    lines = list(drawn(source, ["x"], [[0.5] * len(source)], width))
    assert not any("\x1b" in line or "\n" in line for line in lines)
    assert all(len(line) <= max(width, 2 + 12) for line in lines)
    assert sum(line.startswith("x") for line in lines) * 2 == sum(bool(line) for line in lines)


def test_a_page_has_a_square_for_each_weight_and_escapes_the_tokens():
    drawing = heat_map(["<b>", "c"], ["d"], [[0.25, 0.75]])
    assert drawing.count("<rect") == 2 and "<b>" not in drawing and "&lt;b&gt;" in drawing
    assert "d from c: 0.750" in drawing and 'fill-opacity="0.250"' in drawing


@pytest.mark.parametrize("size", [1, 3])
def test_the_diagonal_is_a_diagonal(size):
    lines = list(drawn(list("abc")[:size], list("xyz")[:size], np.eye(size).tolist(), 80))[2:]
    assert [line[2:].index("█") for line in lines] == list(range(size))
