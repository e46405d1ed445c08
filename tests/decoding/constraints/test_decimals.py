"""Bounded decimals, compared with Python's own arithmetic."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decoding.constraints.test_pattern import accepts
from textgen_core.decoding.constraints.building import automaton
from textgen_core.decoding.constraints.decimals import decimals

BOUNDS = st.one_of(
    st.integers(-120, 120).map(Decimal),
    st.decimals(-30, 30, places=2),
    st.decimals(-1, 1, places=3),
    st.sampled_from(["1e-7", "-1e-7", "1e20", "-1e20", "999999999999999", "99999999999999.9"]).map(Decimal),
)
NUMERALS = st.one_of(
    st.decimals(-130, 130, places=3),
    st.decimals(-2, 2, places=4),
    st.integers(-200, 200).map(Decimal),
    st.sampled_from(["0", "0.0", "0.10", "0.00000000000001", "999999999999999", "99999999999999.9"]).map(Decimal),
)


@settings(max_examples=60, deadline=None)
@given(
    bounds=st.lists(BOUNDS, min_size=2, max_size=2), strictly=st.tuples(st.booleans(), st.booleans()), data=st.data()
)
def test_numerals_of_a_range_are_those_that_compare_so(bounds, strictly, data):
    (least, most), (above, below) = sorted(bounds), strictly
    dfa = automaton(decimals(least, above, most, below))
    near = st.sampled_from([least, most]).map(lambda bound: bound if -100 < bound < 100 else Decimal(1))
    steps = st.sampled_from(["0", "0.001", "-0.001", "1", "-1", "0.0"]).map(Decimal)
    for number in data.draw(st.lists(st.one_of(NUMERALS, st.builds(lambda a, b: a + b, near, steps)), max_size=25)):
        text = f"{number:f}"
        if text.startswith("-") and not number:
            continue  # a negative zero is not written
        inside = (least < number if above else least <= number) and (number < most if below else number <= most)
        digits = text.strip("-").replace(".", "")
        assert accepts(dfa, text.encode()) == (inside and len(digits) <= 15), text


FEW = automaton(decimals(Decimal(-5), False, Decimal(12), False))


@given(text=st.text("-0123456789.", max_size=5))
def test_nothing_else_is_a_numeral(text):
    if accepts(FEW, text.encode()):
        assert -5 <= Decimal(text) <= 12
        whole = text.lstrip("-").partition(".")[0]
        assert whole == str(int(whole)) and not text.endswith(".")
