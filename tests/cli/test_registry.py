"""The versions of a registry, and the way back, by the command."""

import json

import pytest

from tests.test_registry import RECIPE, make_model
from textgen_core.registry import keep_champion, promote


@pytest.fixture
def home(tmp_path):
    """Three versions: the second is champion, the third was refused."""
    home = tmp_path / "registry"
    models = [make_model(home / "models" / str(seed), seed) for seed in range(3)]
    promote(home, models[0], RECIPE, "the first model", {})
    promote(home, models[1], RECIPE, "better by 0.2", {"gain": 0.2})
    keep_champion(home, models[2], RECIPE, "worse by 0.1", {"gain": -0.1})
    return home


def test_every_version_is_listed_with_its_role_and_every_decision_with_its_reason(textgen, home):
    code, out, _ = textgen("registry", "list", home)
    lines = [line.split() for line in out.splitlines()]
    roles = {line[0]: line[1] for line in lines if line and line[0] in ("v1", "v2", "v3")}
    assert code == 0 and (roles["v1"], roles["v2"]) == ("previous", "champion")
    assert roles["v3"] not in ("previous", "champion")
    assert "better by 0.2" in out and "worse by 0.1" in out and "gain -0.1" in out


def test_what_is_no_registry_is_one_error(textgen, tmp_path):
    code, out, err = textgen("registry", "list", tmp_path)
    assert (code, out, len(err.splitlines())) == (4, "", 1) and "textgen retrain" in err


def test_the_way_back_is_one_command_and_ends_at_the_first_champion(textgen, home):
    code, out, _ = textgen("registry", "rollback", home, "--reason", "too wordy")
    assert code == 0 and out.startswith("Champion is now v1")
    document = json.loads(textgen("registry", "list", home, "--json")[1])
    assert document["champions"] == [1] and document["history"][-1]["reason"] == "too wordy"
    code, _, err = textgen("registry", "rollback", home)
    assert code == 4 and len(err.splitlines()) == 1 and "there must be a champion before" in err
