"""Which settings are on the frontier and which is recommended, by what must hold of any figures."""

import dataclasses
import math

from hypothesis import given
from hypothesis import strategies as st

from textgen_core.frontier.points import Figure, Point, distance, equally_far, on_frontier, recommend

values = st.floats(-8, 0).map(lambda value: round(value, 2))
shares = st.floats(0, 1).map(lambda value: round(value, 2))
widths = st.floats(0.01, 0.5).map(lambda value: round(value, 3))


def figures(of):
    return st.builds(lambda value, width: Figure(value, value - width, value + width), of, widths)


def named(points):
    return [dataclasses.replace(point, name=f"p{number}") for number, point in enumerate(points)]


settings_of_knobs = st.builds(
    Point, st.just("k"), st.just(1.0), st.just(""), figures(values), st.none() | figures(shares)
)
measured = st.builds(Point, st.just("k"), st.just(1.0), st.just(""), figures(values), figures(shares))
many = st.lists(settings_of_knobs, max_size=8).map(named)
humans = st.builds(Point, st.just("human"), st.none(), st.just("human"), figures(values), figures(shares))


def beats(one, other):
    """At least as high on both axes, and higher on one."""
    mine, yours = ((point.quality.value, point.diversity.value) for point in (one, other))
    return mine != yours and all(a >= b for a, b in zip(mine, yours, strict=True))


@given(many)
def test_on_the_frontier_is_what_no_other_beats(points):
    known = [point for point in points if point.diversity is not None]
    best = on_frontier(points)
    assert best <= {point.name for point in known}
    assert bool(best) == bool(known)
    for point in known:
        beaten_by = {other.name for other in known if beats(other, point)}
        assert (point.name in best) == (not beaten_by)
        assert not beaten_by or beaten_by & best, "whatever beats it, something on the frontier does"


@given(many, humans)
def test_the_nearest_is_recommended_and_it_never_depends_on_the_order(points, human):
    advice = recommend(points, human)
    far = {point.name: distance(point, human) for point in points if point.diversity is not None}
    assert (advice is None) == (not far)
    if advice is not None:
        assert far[advice.name] == min(far.values())
        assert advice.name not in advice.alike and advice.name in advice.reason
        assert [far[name] for name in advice.alike] == sorted(far[name] for name in advice.alike)
        assert all(name in advice.reason for name in advice.alike)
        backwards = recommend(points[::-1], human)
        assert far[backwards.name] == far[advice.name]
        if list(far.values()).count(far[advice.name]) == 1:
            assert set(backwards.alike) == set(advice.alike)


@given(many, humans)
def test_a_setting_that_writes_as_people_do_is_recommended(points, human):
    twin = dataclasses.replace(human, knob="k", name="twin")
    advice = recommend([*points, twin], human)
    assert distance((advice.name == "twin" and twin) or points[int(advice.name[1:])], human) == 0
    assert advice.name != "twin" or "No interval tells it from people" in advice.reason


@given(measured, measured, humans)
def test_being_equally_far_is_mutual_and_every_point_is_as_far_as_itself(one, other, human):
    assert equally_far(one, one, human) and equally_far(one, other, human) == equally_far(other, one, human)


def scaled(figure, factor):
    half = figure.half_width * factor
    return Figure(figure.value, figure.value - half, figure.value + half)


def narrowed(point, factor):
    return dataclasses.replace(point, quality=scaled(point.quality, factor), diversity=scaled(point.diversity, factor))


@given(measured, measured, humans, st.floats(0.05, 1))
def test_more_samples_never_blur_what_was_told_apart(one, other, human, factor):
    """All intervals shrink alike: as they do with more seeds."""
    if not equally_far(one, other, human):
        assert not equally_far(*(narrowed(point, factor) for point in (one, other, human)))


@given(measured, measured)
def test_errors_are_those_of_distances_drawn_anew(one, other):
    """The half-width against the differences of many distances, where all lies far from human text."""
    import numpy as np

    human = Point("human", None, "human", Figure(8.0, 7.8, 8.2), Figure(-4.0, -4.2, -3.8))
    rng = np.random.default_rng(0)

    def drawn(point):
        pairs = (point.quality, point.diversity)
        return [each.value + rng.normal(0, each.half_width / 1.96, 4000) for each in pairs]

    cross, ways = drawn(human), [drawn(one), drawn(other)]
    lengths = [np.hypot(*((a - b) / 0.2 for a, b in zip(point, cross, strict=True))) for point in ways]
    spread = 1.96 * float(np.std(lengths[0] - lengths[1]))
    gap = abs(distance(one, human) - distance(other, human))
    if gap < 0.8 * spread:
        assert equally_far(one, other, human)
    if gap > 1.25 * spread:
        assert not equally_far(one, other, human)


def test_a_figure_without_an_interval_is_a_point():
    bare = Figure(1.0)
    assert bare.half_width == 0 and bare.overlaps(Figure(1.0)) and not bare.overlaps(Figure(1.1, 1.05, 1.2))
    human = Point("human", None, "human", bare, Figure(0.5))
    assert distance(Point("k", 1, "p", Figure(4.0), Figure(4.5)), human) == math.hypot(3, 4)


def test_distance_is_told_in_half_widths_of_the_human_intervals():
    human = Point("human", None, "human", Figure(-4.0, -4.5, -3.5), Figure(0.8, 0.7, 0.9))
    point = Point("k", 1, "p", Figure(-2.5), Figure(0.4))
    assert math.isclose(distance(point, human), math.hypot(3, 4))
