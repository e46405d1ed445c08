"""The chart: well-formed, harmless, and every point inside its frame."""

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from tasks import chart

NUMBERS = st.floats(-1e6, 1e6)
LINES = st.dictionaries(
    st.sampled_from(["train", "validation", "<b>"]), st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1), min_size=1
)


@given(lines=LINES)
def test_every_point_lies_in_the_frame(lines):
    picture = ElementTree.fromstring(chart.svg("Loss <i>", "steps", lines))
    drawn = [element.get("d") for element in picture if element.get("stroke-width") == "2"]
    assert len(drawn) == len(lines)
    for path, points in zip(drawn, lines.values(), strict=True):
        places = [tuple(map(float, place.split())) for place in re.findall(r"[-\d.]+ [-\d.]+", path)]
        assert len(places) == len(points)
        for x, y in places:
            assert chart.LEFT - 0.1 <= x <= chart.WIDTH - chart.RIGHT + 0.1
            assert chart.TOP - 0.1 <= y <= chart.HEIGHT - chart.BOTTOM + 0.1


def test_a_falling_loss_falls_in_the_picture():
    picture = chart.svg("Loss", "steps", {"train": [(0, 3.0), (10, 2.0)]})
    first, last = re.findall(r"([\d.]+) ([\d.]+)", re.search(r'd="(M[^"]+L[^"]+)"', picture)[1])
    assert float(first[0]) < float(last[0])
    assert float(first[1]) < float(last[1]), "down the page"
