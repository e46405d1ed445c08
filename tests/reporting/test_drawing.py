import itertools
import math

from hypothesis import given
from hypothesis import strategies as st

from textgen_core.reporting.chart import line_chart
from textgen_core.reporting.curves import Curve, thinned
from textgen_core.reporting.dots import Dot, dot_chart
from textgen_core.reporting.scale import Scale, label
from textgen_core.reporting.text import shortened, visible

numbers = st.floats(-1e9, 1e9)
lines = st.lists(st.tuples(numbers, numbers), max_size=60).map(sorted)


@given(lines, st.integers(3, 40))
def test_a_thinned_line_keeps_its_ends_its_order_and_its_range(line, count):
    thin = thinned(line, count)
    assert len(thin) == min(len(line), count)
    if line:
        assert thin[0] == line[0] and thin[-1] == line[-1]
        assert all(math.isfinite(y) for _, y in thin)
        slack = 1e-6 * max(1.0, *(abs(value) for point in line for value in point))
        assert min(y for _, y in line) - slack <= min(y for _, y in thin)
        assert max(y for _, y in line) + slack >= max(y for _, y in thin)
        assert all(a[0] <= b[0] + slack for a, b in itertools.pairwise(thin))


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(1, 12))
def test_ticks_are_round_few_and_on_the_scale(low, span, count):
    scale = Scale(low, low + span, 0, 100)
    ticks = scale.ticks(count)
    assert len(ticks) <= count + 1
    for value in ticks:
        assert -0.1 <= scale(value) <= 100.1
    assert ticks == sorted(set(ticks))


@given(st.lists(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 100)), min_size=1, max_size=20), max_size=4))
def test_no_curve_leaves_the_paper(curves):
    drawn = [Curve(f"model {n}", n, n % 2 == 0, tuple(sorted(points))) for n, points in enumerate(curves)]
    svg = line_chart(drawn, "seconds", "bits")
    assert "nan" not in svg and "inf" not in svg and svg.count("<polyline") == len(curves)


@given(st.lists(st.tuples(numbers, st.none() | numbers), min_size=1, max_size=5))
def test_dots_are_drawn_for_any_values(values):
    dots = [
        Dot("<b>", n, value, end and min(end, value), end and max(end, value)) for n, (value, end) in enumerate(values)
    ]
    svg = dot_chart(dots, "<metric>")
    assert svg.count("<circle") == len(values) and "<b>" not in svg and "nan" not in svg


@given(st.text())
def test_what_is_shown_can_be_encoded_and_steers_nothing(text):
    shown = visible(text)
    shown.encode()
    assert len(shortened(text, 20)) <= 22
    assert not any(character in shown for character in "\x00\x1b\x7f\x9b\u202e\u2066")


def test_labels():
    assert [label(value) for value in (0.05, 12, 15_000, 1_500_000, 2e9)] == ["0.05", "12", "15k", "1.5M", "2G"]
