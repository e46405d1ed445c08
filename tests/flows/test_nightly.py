"""Nightly retraining is switched on by a folder, and what the server keeps of it survives a new deployment."""

import pytest
import yaml

from flows.service import nightly as module
from flows.service.lifecycle import DEPLOYMENTS
from flows.service.nightly import Nightly, checked, read_nightly, switched_on, write_nightly
from textgen_core.errors import InputError
from textgen_core.retraining.settings import RetrainingSettings
from textgen_core.settings import validated


@pytest.fixture
def server(monkeypatch):
    """The deployments of prefect.yaml as a server keeps them; answers the calls that are made."""
    kept = {}
    for number, entry in enumerate(yaml.safe_load(DEPLOYMENTS.read_text())["deployments"]):
        schedules = [
            {
                "id": f"s{number}",
                "active": one["active"],
                "schedule": {"cron": one["cron"], "timezone": one["timezone"]},
            }
            for one in entry.get("schedules", [])
        ]
        identity = {"id": str(number), "name": entry["name"]}
        kept[str(number)] = identity | {"parameters": entry.get("parameters", {}), "schedules": schedules}

    def call(url, path, body, method=None):
        if path == "deployments/filter":
            return [entry for entry in kept.values() if entry["name"] in body["deployments"]["name"]["any_"]]
        assert method == "PATCH"
        _, number, *schedule = path.split("/")
        (kept[number]["schedules"][0] if schedule else kept[number]).update(body)
        return None

    monkeypatch.setattr(module, "call", call)
    return kept


def test_it_is_deployed_switched_off_and_says_how_to_switch_it_on(server):
    assert "textgen up --nightly FOLDER" in str(read_nightly("url"))


def test_a_folder_switches_it_on_and_bulk_jobs_take_its_champion(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "texts").mkdir()
    write_nightly("url", switched_on(read_nightly("url"), checked(tmp_path / "texts"), tmp_path / "models"))
    now = read_nightly("url")
    settings = validated(RetrainingSettings, now.parameters["settings"], "the deployment")
    assert now.active and settings.ingestion.inputs == (str(tmp_path / "texts"),)
    assert str(now).startswith(f"Retrains every day at 03:00 UTC on {tmp_path / 'texts'}, into {tmp_path / 'models'}")
    [bulk] = [entry for entry in server.values() if entry["name"] == "bulk"]
    assert bulk["parameters"]["registry"] == str(settings.registry) and bulk["parameters"]["settings"]["samples"] == 1


def test_relative_paths_are_meant_from_here(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    now = switched_on(read_nightly("url"), module.Path("texts"), module.Path("models"))
    assert now.parameters["settings"]["ingestion"]["inputs"] == [str(tmp_path / "texts")]
    assert now.parameters["settings"]["registry"] == str(tmp_path / "models")


def test_other_settings_and_times_stay(server):
    was = read_nightly("url")
    settings = {**was.parameters["settings"], "margin": 0.1}
    settings["ingestion"] = {**settings["ingestion"], "unit": "line"}
    changed = Nightly({"settings": settings}, {"cron": "30 22 * * 1-5", "timezone": "Europe/Paris"}, active=False)
    write_nightly("url", changed)
    now = switched_on(read_nightly("url"), module.Path("texts"), module.Path("models"))
    assert now.parameters["settings"]["margin"] == 0.1 and now.parameters["settings"]["ingestion"]["unit"] == "line"
    assert "by the schedule 30 22 * * 1-5 Europe/Paris" in str(now)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="--nightly takes a folder"):
        checked(tmp_path / "nowhere")
