"""Trainings within a time: what is planned fits into it, and the picture of their curves is whole."""

from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from benchmarks import _learning
from benchmarks._curves import curves
from textgen_core.reporting.chart import HEIGHT, WIDTH

PLAN = {"preset": "demo", "family": "rnn", "batch-size": 10, "window": 20}


@pytest.mark.parametrize("a_step", [200, 137.5], ids=["windows", "pairs"])
def test_steps_are_those_for_which_the_time_that_starting_leaves_is_enough(tmp_path, monkeypatch, a_step):
    """A step takes 2 s, by its own tokens: batches of pairs hold fewer than their rows times the window.

    Beside the trial's steps its process took 9 s.
    """
    steps = _learning.TRIAL
    facts = {"tokens_per_second": a_step / 2, "tokens_seen": steps * a_step, "steps": steps}
    monkeypatch.setattr(_learning, "trained", lambda *_: {"wall_seconds": steps * 2 + 9})
    monkeypatch.setattr(_learning, "read_manifest", lambda _: SimpleNamespace(facts=facts))
    assert _learning.affordable(tmp_path, tmp_path, PLAN, 109) == int(_learning.SPARE * 50)
    assert _learning.affordable(tmp_path, tmp_path, PLAN, 5) == 1


@pytest.mark.parametrize("lone", [[], [{"name": "<peer>", "model": "torch", "curve": [[30, 1.9]]}]])
def test_curves_stay_on_the_paper_and_the_best_is_named_first(lone):
    results = [
        {"name": "slow", "model": "a", "curve": [[10, 9.0], [20, 2.0], [40, 1.8]]},
        {"name": "best", "model": "b", "curve": [[5, 2.1], [20, 1.7]]},
        {"name": "no curve", "model": "c"},
        *lone,
    ]
    on = {"processor": "Abacus", "cores": 1, "instructions": []}
    drawn = ElementTree.fromstring(curves({"results": results, "machine": on, "date": "2026-01-02"}, "nats"))
    tags = {name: [part for part in drawn.iter() if part.tag.endswith(name)] for name in ("text", "circle", "polyline")}
    legend = [part.text for part in tags["text"] if ": " in part.text]
    assert legend[0] == "1.700 best: b" and len(legend) == 2 + len(lone) and len(tags["polyline"]) == 2
    points = [pair.split(",") for line in tags["polyline"] for pair in line.get("points").split()]
    dots = [(dot.get("cx"), dot.get("cy")) for dot in tags["circle"] if float(dot.get("cx")) <= WIDTH]
    assert all(0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT for x, y in points + dots)
    assert len(dots) >= 4
