import json
import shutil
import subprocess
from collections import namedtuple

import pytest

from flows.cli import checks
from flows.cli.quickstart import quick_config


def test_a_whole_installation_is_healthy(textgen):
    code, out, _ = textgen("doctor", "--quick", "--json")
    document = json.loads(out)
    assert code == (0 if document["healthy"] else 1)
    assert {"Python", "textgen", "tensorflow", "disk", "processor", "Prefect server"} <= {
        finding["what"] for finding in document["findings"]
    }


def test_what_is_missing_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setattr(checks, "_required", lambda: ["pydantic", "no-such-package-at-all"])
    [bad] = [finding for finding in checks.versions() if finding.state == "wrong"]
    assert bad.what == "no-such-package-at-all" and bad.remedy


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
