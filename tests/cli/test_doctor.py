import json
import shutil
import subprocess
from collections import namedtuple
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement

from flows.cli import checks
from flows.cli.quickstart import quick_config
from flows.service.detection import Api


def test_a_whole_installation_is_healthy(textgen):
    code, out, _ = textgen("doctor", "--quick", "--json")
    document = json.loads(out)
    assert code == (0 if document["healthy"] else 1)
    assert {"Python", "textgen", "tensorflow", "disk", "processor", "Prefect server"} <= {
        finding["what"] for finding in document["findings"]
    }


@pytest.mark.parametrize(
    ("requirement", "found"),
    [
        ("no-such-package-at-all", "missing"),
        ("pydantic<2", f"{version('pydantic')}; needed is <2"),
        ("pydantic>=99", f"{version('pydantic')}; needed is >=99"),
    ],
)
def test_what_is_missing_or_of_another_version_is_named_with_its_remedy(monkeypatch, requirement, found):
    monkeypatch.setattr(checks, "_required", lambda: [Requirement("pydantic"), Requirement(requirement)])
    [bad] = [finding for finding in checks.versions() if finding.state == "wrong"]
    assert bad.found == found and bad.what in requirement and f"pip install '{requirement}'" in bad.remedy


def test_the_versions_are_those_that_the_package_asks_for():
    required = {each.name: each for each in checks._required()}
    assert {"tensorflow", "keras", "prefect", "pyarrow", "pandas"} <= required.keys()
    assert required["prefect"].specifier.contains("3.8.5") and not required["prefect"].specifier.contains("3.7.0")


@pytest.mark.parametrize(("offset", "state"), [("", "good"), (".1", "note")])
def test_a_server_of_another_version_is_noted(monkeypatch, offset, state):
    monkeypatch.setattr(checks, "configured_api", lambda: Api("http://127.0.0.1:1/api"))
    monkeypatch.setattr(checks, "answers", lambda url: True)
    monkeypatch.setattr(checks, "call", lambda url, path: version("prefect") + offset)
    [finding] = checks.server()
    assert finding.state == state and "http://127.0.0.1:1" in finding.found


@pytest.mark.parametrize(("there", "state"), [(True, "good"), (False, "note")])
def test_what_https_needs_is_optional(monkeypatch, there, state):
    monkeypatch.setattr(checks.importlib.util, "find_spec", lambda name: there or None)
    [finding] = checks.urls()
    assert finding.state == state and ("install" in finding.remedy) != there and checks.urls in checks.CHECKS


def test_a_full_disk_is_wrong(monkeypatch):
    usage = namedtuple("usage", "total used free")(1, 1, 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    assert [finding.state for finding in checks.machine() if finding.what == "disk"] == ["wrong"]


@pytest.mark.parametrize("code", [1, -4])
def test_a_tensorflow_that_does_not_start_is_wrong(monkeypatch, code):
    done = subprocess.CompletedProcess([], code, "", "Traceback\nImportError: no libc\n")
    monkeypatch.setattr(subprocess, "run", lambda *arguments, **options: done)
    [finding] = checks.devices()
    assert finding.state == "wrong" and finding.found == "ImportError: no libc" and finding.remedy


def test_quickstart_suits_the_size_of_the_file(tmp_path):
    small, large = tmp_path / "small.txt", tmp_path / "large.txt"
    small.write_text("a")
    large.write_bytes(b"word " * 1_000_000)
    kinds = [quick_config(file, tmp_path, "tiny").models["text"].tokenization.tokenizer.kind for file in (small, large)]
    assert kinds == ["char", "subword"]


def test_quickstart_takes_the_column_of_a_table(textgen, tmp_path, monkeypatch):
    table, asked = tmp_path / "table.csv", []
    table.write_text("body,stars\nA text,5\n")
    monkeypatch.setattr("flows.cli.run.perform", lambda config, doing: asked.append(config) or 0)
    assert textgen("quickstart", table, "--text-column", "body", "-o", tmp_path / "out", "--dry-run")[0] == 0
    assert [config.ingestion.text_column for config in asked] == ["body"]


def test_a_port_that_there_is_not_is_refused(textgen):
    code, _, err = textgen("up", "--port", "99999")
    assert code == 2 and "65535" in err
