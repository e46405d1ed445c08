"""The table people read."""

from textgen_core.evaluation.table import metrics_table


def row(group, metric, value, low=None, high=None):
    return {"group": group, "metric": metric, "value": value, "low": low, "high": high}


def test_metrics_by_samplers_with_intervals():
    rows = [
        row([], "perplexity", 12.3456),
        row([("sampler", "a|b")], "loop", 0.5, 0.25, 0.75),
        row([("sampler", "a|b"), ("stars", "1")], "loop", 0.9),
        row([("sampler", "k")], "loop", None),
    ]
    assert metrics_table(rows).splitlines() == [
        "| metric | model | a\\|b | k |",
        "| --- | ---: | ---: | ---: |",
        "| perplexity | 12.35 |  |  |",
        "| loop |  | 0.5 [0.25, 0.75] | – |",  # noqa: RUF001
    ]
