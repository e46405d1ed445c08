"""The table people read."""

import pytest

from textgen_core.evaluation.table import HELD_OUT, MetricsTable, with_interval

ROWS = [
    {"group": [], "metric": "perplexity", "value": 12.3456, "low": None, "high": None},
    {"group": [("sampler", "k")], "metric": "loop", "value": 0.5, "low": 0.4, "high": 0.75},
    {"group": [("sampler", "a")], "metric": "loop", "value": None, "low": None, "high": None},
    {"group": [("sampler", "k"), ("stars", "1")], "metric": "words", "value": 9.0, "low": None, "high": None},
]


def test_metrics_by_groups_in_the_order_of_the_dataset():
    table = MetricsTable.of(ROWS)
    assert list(table.groups.values()) == [HELD_OUT, "k", "a", "k, stars 1"]
    groups = list(table.groups)
    assert list(table.by_metric(groups[1:])) == [("loop", ["0.50 ±0.25", "-", ""]), ("words", ["", "", "9"])]
    assert list(table.by_group())[1] == ("k", {"loop": "0.50 ±0.25"})


def test_without_attributes_only_whole_samplers_are_in_it():
    assert list(MetricsTable.of(ROWS, attributes=False).groups.values()) == [HELD_OUT, "k", "a"]


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (None, None, None, "-"),
        (0.123456, None, None, "0.1235"),
        (12345.6, None, None, "12,346"),
        (0.123456, 0.11, 0.14, "0.123 ±0.017"),
        (-1.5, -1.54, -1.48, "-1.500 ±0.040"),
        (1234.56, 1000.0, 1300.0, "1,235 ±235"),
        (0.25, 0.25, 0.25, "0.25 ±0"),
        (98.76, 98.0, 99.0, "98.76 ±0.76"),
    ],
)
def test_a_figure_has_the_digits_that_are_certain(value, low, high, expected):
    assert with_interval(value, low, high) == expected
