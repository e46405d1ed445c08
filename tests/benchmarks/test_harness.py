"""The harness of the benchmarks measures what it says: with contestants whose speed is known."""

import json
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from benchmarks import _report
from benchmarks._contest import LIMIT, Contestant, compared, keep, table, tune, tuned, turns
from benchmarks._plot import plot
from benchmarks._shapes import Recurrent, Transformer, steps_a_token


def contestant(name, speeds, rows=8):
    """speeds: tokens a second by setting x; one for each run, again and again."""
    asked = []

    def run(setting):
        asked.append(setting)
        own = speeds[setting["x"]]
        speed = own[sum(other["x"] == setting["x"] for other in asked[:-1]) % len(own)]
        return {"tokens": 10 * setting["rows"], "seconds": 10 * setting["rows"] / speed, "processor": 2.0}

    settings = [{"x": x, "batch": 4, "workers": 2} for x in speeds]
    return SimpleNamespace(asked=asked, entrant=Contestant(name, run, settings, rows, {"version": "1"}))


def test_tuning_takes_the_setting_with_the_fastest_run_though_its_first_compiles():
    assert tune(contestant("a", {0: [50, 50], 1: [1, 99], 2: [60, 60]}).entrant)["x"] == 1


def test_a_turn_is_of_whole_batches_one_for_each_worker():
    fake = contestant("a", {0: [50]}, rows=9)
    tune(fake.entrant)
    turns([fake.entrant], {"a": fake.entrant.settings[0]}, 1)
    assert [setting["rows"] for setting in fake.asked] == [8, 8, 16, 16]


def test_medians_leave_out_the_first_turn_and_the_table_compares_them():
    peer, limit = contestant("peer", {0: [1, 20, 10, 30]}), contestant(LIMIT, {0: [1, 200, 200, 200]})
    ours = contestant("ours", {0: [1, 40, 40, 40]})
    entrants = [peer.entrant, limit.entrant, ours.entrant]
    lines = compared(turns(entrants, tuned(entrants, None, quick=True), 3), steps_a_token=2.0)
    assert [line["tokens/s"] for line in lines] == [20, 100, 40]
    assert (lines[0]["lowest"], lines[0]["highest"]) == (10, 30)
    assert [line["ours is"] for line in lines] == [2, 0.4, 1]
    assert [line["of limit"] for line in lines] == [0.2, 1, 0.4]
    rows = table(lines).splitlines()
    assert [row.split("  ")[0] for row in rows[1:]] == ["peer", LIMIT, "ours"] and "2.00 x" in rows[1]


def test_kept_tunings_add_up_and_a_missing_one_is_named(tmp_path):
    first, second = contestant("a", {0: [1]}).entrant, contestant("b", {0: [1]}).entrant
    file = tmp_path / "tuned.json"
    keep({"a": {"x": 7}}, file)
    with pytest.raises(SystemExit, match="for b: tune"):
        tuned([first, second], file, quick=False)
    keep({"b": {"x": 8}}, file)
    assert tuned([first, second], file, quick=False) == {"a": {"x": 7}, "b": {"x": 8}}


def test_a_token_costs_the_steps_that_were_counted_by_hand():
    shape = Transformer(layers=1, width=32, heads=1, vocab=10, prompt=3, new=2)
    ours = (4 * 32**2 + 3 * 32 * 96) * (3 + 1) / 2 + 320
    assert steps_a_token(shape) == ours / (12 * 32**2 + 320)
    shape = Recurrent(layers=2, units=8, vocab=10, prompt=1, new=5)
    assert steps_a_token(shape) == 1
    assert shape.multiplications["ours"] == 4 * 8 * 32 + 80


def test_what_is_printed_is_kept_with_date_and_machine_and_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr(_report, "FOLDER", tmp_path)
    line = {"name": "<ours>", "tokens/s": 2.0, "lowest": 1.0, "highest": 3.0}
    found = _report.results(["== text\n", json.dumps(line) + "\n", '{"skipped": "no peers"}\n'])
    assert found == [line]
    path = _report.record("beam_peers", ["--python", "/secret/place/python"], found, _report.machine())
    report = json.loads(path.read_text())
    assert set(report) == {"benchmark", "options", "date", "machine", "versions", "results"}
    assert report["options"] == ["--python", "python"] and report["machine"]["cores"] >= 1
    assert {"tensorflow", "keras", "python"} <= set(report["versions"])
    drawn = ElementTree.fromstring(plot([report]))
    assert "<ours>" in [text.text for text in drawn.iter() if text.tag.endswith("text")]


def test_nothing_found_keeps_what_was_found_before(tmp_path, monkeypatch):
    monkeypatch.setattr(_report, "FOLDER", tmp_path)
    assert _report.record("beam_peers", [], _report.results(['{"skipped": "no peers"}']), {}) is None
    assert _report.left_out(['{"skipped": "no peers"}', "{}"]) == ["--without-peers"] and _report.left_out(["{}"]) == []
    assert not list(tmp_path.iterdir())


def test_a_part_or_another_budget_is_kept_beside_the_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(_report, "FOLDER", tmp_path)
    runs = [
        [],
        ["--repeats", "7", "--python", "/secret/place/python"],
        ["--cases", "lstm", "gru"],
        ["--seconds", "1800", "--families", "rnn"],
        ["--families=rnn", "--seconds=1800"],
    ]
    for options in runs:
        _report.record("training", options, [{"case": "lstm"}], {})
    names = {"training", "training--cases-lstm-gru", "training--families-rnn--seconds-1800"}
    assert {path.stem for path in tmp_path.iterdir()} == names


def test_what_was_kept_is_named_by_its_task():
    for path in _report.FOLDER.glob("*.json"):
        report = json.loads(path.read_text())
        assert path.stem == _report.task(report["benchmark"], report["options"])


def test_of_a_benchmark_without_json_what_it_printed_is_kept():
    assert _report.results(["case  MB/s\n", "txt  118\n"]) == ["case  MB/s", "txt  118"]
