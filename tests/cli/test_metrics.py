"""Metrics on the terminal: a row a metric, a column a sampler, never wider than a terminal."""

import pytest

from flows.cli.metrics import HEADLINES, WIDTH, print_metrics
from textgen_core.datasets.parts import PartWriter
from textgen_core.datasets.schemas import METRICS


def written(folder, samplers, metrics=("loop", "chars", "distinct_2")):
    values = {"value": 0.12345, "low": 0.11, "high": 0.14, "n": 9, "signature": ""}
    rows = [{"group": [], "metric": "bits_per_char"} | values | {"value": 2.05, "low": 2.0, "high": 2.1}]
    for sampler in samplers:
        for group in ([("sampler", sampler)], [("sampler", sampler), ("stars", "1")]):
            rows += [{"group": group, "metric": metric} | values for metric in metrics]
    with PartWriter(folder / "metrics" / "part-00000.parquet", METRICS) as part:
        part.write(rows)
    return folder


def test_samplers_are_columns_and_attributes_are_left_out(tmp_path, capsys):
    print_metrics(written(tmp_path, ["greedy", "top-k"]), "lstm")
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == "lstm: held-out text: bits_per_char 2.050 ±0.050"
    cells = [line.split() for line in lines if line.strip() and "──" not in line]
    assert cells[0] == ["metric", "greedy", "top-k"]
    assert [row[0] for row in cells[1:]] == ["loop", "chars", "distinct_2"]
    assert cells[1][1:] == ["0.123", "±0.017"] * 2


def test_only_headlines(tmp_path, capsys):
    print_metrics(written(tmp_path, ["greedy"]), only=HEADLINES)
    printed = capsys.readouterr().out
    assert "loop" in printed and "chars" not in printed.splitlines()[3:][0]
    assert "\nheld-out" not in printed and printed.startswith("held-out")


@pytest.mark.parametrize("length", [1, 12, 30, 90])
def test_many_samplers_make_several_tables_that_fit(tmp_path, capsys, length):
    samplers = [f"{n}".rjust(length, "s") for n in range(9)]
    print_metrics(written(tmp_path, samplers), "a model " * 15)
    printed = capsys.readouterr().out
    assert all(len(line.rstrip()) <= max(WIDTH, length + 15) for line in printed.splitlines())
    assert all(sampler in printed for sampler in samplers)


def test_a_samplers_name_does_not_steer_the_terminal(tmp_path, capsys):
    print_metrics(written(tmp_path, ["a\x1b[31m[bold]"]))
    assert "\x1b" not in (printed := capsys.readouterr().out) and "[bold]" in printed
