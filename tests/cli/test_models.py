"""The list of models is told by settings and presets; a speed is one that was measured of the same architecture."""

import json

import pytest

from flows.cli.model_speeds import Speeds
from flows.cli.models import SHOWN, families, sized
from textgen_core.models.sizes import SIZES
from textgen_core.training.presets import PRESETS

REPORT = {
    "date": "2026-01-02",
    "machine": {"processor": "Abacus", "cores": 3, "instructions": ["beads"]},
    "results": [
        {"model": "GRU, 1 x 256", "vocabulary": 100, "training": 7, "decoding": 9},
        {"model": "GRU, 1 x 256", "vocabulary": 8192, "training": 3, "decoding": 4},
    ],
}


def test_every_family_is_listed_with_every_preset_that_it_has(textgen):
    code, out, _ = textgen("models", "--json")
    found = json.loads(out)
    assert code == 0 and list(found["families"]) == list(families()) and set(families()) == set(SIZES)
    assert all(len(text) > 30 for text in found["families"].values())
    listed = {(row["family"], row["preset"]) for row in found["models"]}
    assert listed == {(family, preset) for preset in SHOWN for family in PRESETS[preset]}


def test_people_read_the_same(textgen):
    code, out, _ = textgen("models")
    lines = [line.split() for line in out.splitlines()]
    for row in sized(100, Speeds()):
        (line,) = (line for line in lines if line[:2] == [row.family, row.preset])
        assert row.about in " ".join(line) and (not row.parameters or f"{row.parameters:,}" in line)
    assert code == 0


@pytest.mark.parametrize(
    ("asked", "speed"), [(2, (7, 9, 100)), (96, (7, 9, 100)), (100, (7, 9, 100)), (1000, (3, 4, 8192))]
)
def test_a_speed_is_that_of_the_architecture_with_the_nearest_vocabulary(tmp_path, asked, speed):
    (tmp_path / "families--presets-demo.json").write_text(json.dumps(REPORT))
    listed = sized(asked, Speeds(tmp_path))
    known = {(row.family, row.preset): (row.training, row.decoding, row.speeds_vocab_size) for row in listed}
    assert known.pop(("rnn", "demo")) == known.pop(("rnn", "small")) == speed
    assert set(known.values()) == {(None, None, None)}


def test_the_later_of_two_measurements_counts_and_both_say_where_they_are_from(tmp_path):
    later = REPORT | {"date": "2026-02-02", "results": [REPORT["results"][0] | {"training": 8}]}
    for name, report in {"families": later, "families--presets-small": REPORT}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(report))
    speeds = Speeds(tmp_path)
    assert speeds("GRU, 1 x 256", 100) == (8, 9, 100) and speeds("GRU, 1 x 256", 5000) == (3, 4, 8192)
    assert speeds.origin == "Abacus, 3 cores, beads; 2026-01-02 and Abacus, 3 cores, beads; 2026-02-02"
    assert Speeds(tmp_path / "none").origin == ""


def test_a_vocabulary_that_no_model_can_have_is_one_error(textgen):
    code, out, err = textgen("models", "--vocab-size", "1")
    assert code == 2 and not out and "2 tokens or more; received: 1" in err and len(err.splitlines()) == 1
