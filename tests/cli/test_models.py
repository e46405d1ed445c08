"""The list of models is told by settings and presets; a speed is there only if it was measured of just that model."""

import json

from flows.cli.model_speeds import Speeds
from flows.cli.models import SHOWN, families, sized
from textgen_core.models.sizes import SIZES
from textgen_core.training.presets import PRESETS

REPORT = {
    "date": "2026-01-02",
    "machine": {"processor": "Abacus", "cores": 3, "instructions": ["beads"]},
    "results": [{"family": "rnn", "preset": "demo", "vocabulary": 100, "training": 7, "decoding": 9}],
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
    assert code == 0 and all(f"{row.parameters:,}" in out for row in sized(100, Speeds()) if row.parameters)


def test_a_speed_is_that_of_its_own_vocabulary_and_says_where_it_is_from(tmp_path):
    path = tmp_path / "families.json"
    path.write_text(json.dumps(REPORT))
    known = {(row.family, row.preset): (row.training, row.decoding) for row in sized(100, Speeds(path))}
    assert known.pop(("rnn", "demo")) == (7, 9) and set(known.values()) == {(None, None)}
    assert {row.training for row in sized(101, Speeds(path))} == {None}
    assert Speeds(path).origin == "Abacus, 3 cores, beads; 2026-01-02"
    assert Speeds(tmp_path / "none.json").origin == ""


def test_a_vocabulary_that_no_model_can_have_is_one_error(textgen):
    code, out, err = textgen("models", "--vocab-size", "1")
    assert code == 2 and not out and "2 tokens or more; received: 1" in err and len(err.splitlines()) == 1
