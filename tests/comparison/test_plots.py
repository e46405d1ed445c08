"""Lines on paper: every figure within the axes, in the order of its values, on linear and on logarithmic axes."""

import re

from hypothesis import given
from hypothesis import strategies as st

from textgen_core.comparison.charts import against_weights, legend, over_positions
from textgen_core.comparison.findings import Findings
from textgen_core.comparison.page import POSITIONS
from textgen_core.comparison.plots import COLORS, DASHES, HUMAN_LOOK, Series, looks, series_chart
from textgen_core.frontier.plot import plot
from textgen_core.frontier.points import Figure, Point
from textgen_core.reporting.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH
from textgen_core.reporting.scale import LogScale
from textgen_core.reporting.standalone import STYLE, standalone

values = st.floats(1e-3, 1e9)
figures = st.builds(lambda value, width: Figure(value, value - width, value + width), values, st.floats(0, 10))
spots = st.lists(st.tuples(values, figures), min_size=1, max_size=6, unique_by=lambda spot: spot[0])
FIGURES = ("bits_per_char", "judge_bits_per_char", "repetition")
ENDS = [f"{name}_{end}" for name in FIGURES for end in ("low", "high")]
CIRCLE = re.compile(r'<circle class="dot c(\d)[^"]*" cx="([\d.]+)" cy="([\d.]+)"')


@given(st.lists(spots, min_size=1, max_size=4), st.booleans())
def test_every_figure_is_on_the_paper_and_in_order(lines, logarithmic):
    series = [
        Series(f"line {n}", f"c{n}", tuple(sorted(line, key=lambda spot: spot[0]))) for n, line in enumerate(lines)
    ]
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
    assert "line faint c1" in plot([point], None, frozenset(), lines={"rnn char": "c0 d0", "cnn char": "c1 d0"})
    assert "line faint c0" in plot([point], None, frozenset())


@given(st.integers(1, 40), st.integers(1, 4))
def test_no_two_lines_look_alike_as_long_as_there_are_looks(variants, levels):
    lines = [(f"variant {n}", f"level {k}") for n in range(variants) for k in range(levels)]
    found = looks(lines)
    if levels * -(-variants // COLORS) <= DASHES:
        assert len(set(found)) == len(lines)
    style, sheet = {part for look in found for part in str(look).split()}, STYLE.read_text()
    assert all(f".line.{part} {{" in sheet or f".{part} {{" in sheet for part in style)


def test_with_all_of_the_text_no_cell_stands_that_had_less():
    share, done = {"size": None, "level": "char", "bits_per_char": 2.0}, {"bits_per_char_low": None}
    rows = [
        {"cell": f"{name}-{part}", "variant": name, "share": part, "parameters": 1000, **share, **done}
        | {"bits_per_char_high": None, "failure": "no memory" if (name, part) == ("b", 1.0) else None}
        for name in "ab"
        for part in (0.1, 1.0)
    ]
    found = Findings([], {"comparison": rows}, {}, 0, 0.0, {})
    assert len(CIRCLE.findall(str(against_weights(found)))) == 1
    assert len(CIRCLE.findall(str(against_weights(Findings([], {"comparison": rows[:3:2]}, {}, 0, 0.0, {}))))) == 2


def nine(failed=()):
    """What was found of nine cells, without those that failed."""
    cells = [{"cell": f"{n}", "variant": f"v{n}", "level": "char", "size": 1, "share": 1.0} for n in range(9)]
    figures = {"position": 9.0, "block": 0, **dict.fromkeys(FIGURES, 0.5), **dict.fromkeys(ENDS)}
    table = [cell | {"failure": "no width" if cell["cell"] in failed else None} for cell in cells]
    done = [cell for cell in cells if cell["cell"] not in failed]
    positions = [cell | figures | {"author": author} for cell in done for author in ("human", "model")]
    return Findings([], {"comparison": table, "positions": positions}, {}, 0, 0.0, {})


def test_a_legend_lists_what_is_drawn():
    found = nine(failed="17")
    charts = over_positions(found)
    named = legend(found, charts.values())
    assert list(named) == [f"v{n} char" for n in (0, 2, 3, 4, 5, 6, 8)]
    assert named == {
        name: look for name, look in legend(nine(), over_positions(nine()).values()).items() if name in named
    }
    assert all(f'class="line {look}"' in charts["own_text"] for look in named.values())
    assert not legend(found, [])


def test_human_text_has_an_ink_of_its_own_beside_nine_lines():
    charts = over_positions(nine())
    drawn = re.findall(r'<polyline class="line ([^"]*)"', charts["repetition"])
    assert all(f"{shown} against characters" in charts[name] for name, (_, shown) in POSITIONS.items())
    assert "four words" in POSITIONS["repetition"][0] and "run of four" in charts["repetition"]
    assert len(set(drawn)) == len(drawn) == 10 and drawn[-1] == f"{HUMAN_LOOK} faint"
    assert f".{HUMAN_LOOK} {{" in STYLE.read_text()


def test_a_file_of_its_own_names_its_lines_and_makes_names_harmless():
    chart = series_chart([Series("a", "c0", ((1.0, Figure(2.0)),))], "x", "y")
    page = standalone(chart, {"<b>": "c0 d0"} | {f"line number {n}": "c1 d3" for n in range(9)})
    assert page.startswith('<svg xmlns="http://www.w3.org/2000/svg"') and "&lt;b&gt;" in page and "<b>" not in page
    height = float(re.search(r'viewBox="0 0 \d+ (\d+)"', page)[1])
    rows = {float(y) for y in re.findall(r'<line class="line c1 d3"[^>]*/><text class="tick" x="\d+" y="(\d+)"', page)}
    assert len(rows) > 1 and max(rows) <= height
