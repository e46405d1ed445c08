import math

import pytest

from textgen_core.figures import figure, saturated


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"),
        (True, "yes"),
        (1234567, "1,234,567"),
        (0.123456, "0.1235"),
        (999.96, "1000"),
        (12345.6, "12,346"),
        (4.33913e57, "4.339e+57"),
        (-1234.5, "-1,234"),
        (float("nan"), "nan"),
        ([1, 2.5, "a"], "1, 2.5, a"),
        ([831, 1195], "831, 1195"),
        ({"a": 1, "b": None}, "a 1, b -"),
        ("as it is", "as it is"),
    ],
)
def test_values_as_people_read_them(value, shown):
    assert figure(value) == shown


@pytest.mark.parametrize(("value", "power"), [(0.0, 1.0), (709.0, math.exp(709.0)), (710.0, math.inf), (-800.0, 0.0)])
def test_beyond_the_largest_float_is_infinity(value, power):
    assert saturated(math.exp, value) == power
