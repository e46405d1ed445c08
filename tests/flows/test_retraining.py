"""Rounds of retraining as a flow: the page says what was decided and why."""

import pytest

from tests.test_retraining import Fakes
from textgen_core.retraining.settings import RetrainingSettings
from textgen_core.settings import validated


@pytest.fixture
def night(prefect_server, tmp_path, monkeypatch):
    """Runs one night as a flow, of stages that do little."""
    from flows import retraining as module

    def run(text, gain):
        (tmp_path / "corpus").mkdir(exist_ok=True)
        (tmp_path / "corpus" / f"{text}.txt").write_text(text)
        fakes = Fakes([], gain)
        monkeypatch.setattr(module, "TASKS", {name: lambda of, name=name: fakes(name, of) for name in module.TASKS})
        monkeypatch.setattr(module, "challenge", lambda of: fakes("challenge", of))
        values = {"registry": tmp_path / "nightly", "ingestion": {"inputs": [str(tmp_path / "corpus")], "unit": "line"}}
        return module.retraining(validated(RetrainingSettings, values | {"training": {"preset": "tiny"}}, "test"))

    return run


def test_each_night_is_a_page_with_all_decisions_so_far(night, artifacts):
    assert night("one", 0).action == "promoted"
    assert "Promoted: the first model" in artifacts()["retraining"].data
    assert night("two", 0.001).action == "kept champion"
    page = artifacts()["retraining"].data
    assert "Kept champion: `better by 0.0010 bits per character; better by 0.005 is asked for`" in page
    assert page.index("kept champion | v2 | v1") < page.index("promoted | v1 | v1"), "the newest first"
