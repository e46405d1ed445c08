"""Lines on paper: every figure within the axes, in the order of its values, on linear and on logarithmic axes."""

import re

from hypothesis import given
from hypothesis import strategies as st

from textgen_core.comparison.plots import Series, series_chart
from textgen_core.frontier.plot import plot
from textgen_core.frontier.points import Figure, Point
from textgen_core.reporting.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH
from textgen_core.reporting.scale import LogScale
from textgen_core.reporting.standalone import standalone

values = st.floats(1e-3, 1e9)
figures = st.builds(lambda value, width: Figure(value, value - width, value + width), values, st.floats(0, 10))
spots = st.lists(st.tuples(values, figures), min_size=1, max_size=6, unique_by=lambda spot: spot[0])
CIRCLE = re.compile(r'<circle class="dot c(\d)[^"]*" cx="([\d.]+)" cy="([\d.]+)"')


@given(st.lists(spots, min_size=1, max_size=4), st.booleans())
def test_every_figure_is_on_the_paper_and_in_order(lines, logarithmic):
    series = [Series(f"line {n}", n, tuple(sorted(line, key=lambda spot: spot[0]))) for n, line in enumerate(lines)]
    chart = str(series_chart(series, "x", "y", logarithmic))
    placed = [(int(color), float(x), float(y)) for color, x, y in CIRCLE.findall(chart)]
    assert len(placed) == sum(map(len, lines))
    assert all(LEFT - 0.1 <= x <= WIDTH - RIGHT + 0.1 and TOP - 0.1 <= y <= HEIGHT - BOTTOM + 0.1 for _, x, y in placed)
    for number in range(len(lines)):
        across = [x for color, x, _ in placed if color == number]
        assert across == sorted(across)


@given(st.floats(1e-3, 1e6), st.floats(1.5, 1e6), st.integers(2, 8))
def test_equal_factors_are_equally_far_on_a_logarithmic_axis(low, factor, count):
    scale = LogScale(low, low * factor, 0.0, 100.0)
    assert abs(scale(low)) < 1e-6 and abs(scale(low * factor**0.5) - 50) < 1e-6
    ticks = scale.ticks(count)
    assert all(low <= tick <= low * factor * (1 + 1e-9) for tick in ticks) and ticks == sorted(set(ticks))


def test_a_line_has_the_colour_that_the_legend_gives_it_also_where_others_are_missing():
    point = Point("cnn char", 1.0, "cnn char at 1", Figure(-2.0), Figure(0.5))
    assert "line faint c1" in plot([point], None, frozenset(), lines=["rnn char", "cnn char"])
    assert "line faint c0" in plot([point], None, frozenset())


def test_a_file_of_its_own_names_its_lines_and_makes_names_harmless():
    chart = series_chart([Series("a", 0, ((1.0, Figure(2.0)),))], "x", "y")
    page = standalone(chart, ["<b>", *(f"line number {n}" for n in range(9))])
    assert page.startswith('<svg xmlns="http://www.w3.org/2000/svg"') and "&lt;b&gt;" in page and "<b>" not in page
    height = float(re.search(r'viewBox="0 0 \d+ (\d+)"', page)[1])
    rows = {float(y) for y in re.findall(r'r="4"/><text class="tick" x="\d+" y="(\d+)"', page)}
    assert len(rows) > 1 and max(rows) <= height
