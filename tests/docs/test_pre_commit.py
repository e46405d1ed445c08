"""The hooks run, without network, with the tools of the locked environment, and refuse what make lint refuses."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="pre-commit needs git"),
    pytest.mark.skipif(not (ROOT / ".venv").exists(), reason="the hooks take their tools from .venv"),
]

SOUND = '"""A module."""\n\nONE: int = 1\n'
FAULTS = {
    "ruff": SOUND + "\n\ndef undocumented() -> int:\n    return ONE\n",
    "ruff format": SOUND.replace(" = ", "  =  "),
    "mypy": SOUND.replace("1", "'1'").replace("'", '"'),
}


@pytest.fixture
def clone(tmp_path):
    """A repository with one module, the project's settings and its hooks."""
    for name in (".pre-commit-config.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    for folder in ("flows", "tasks", "textgen_core"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").touch()
        (tmp_path / folder / "module.py").write_text(SOUND)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "pyproject.toml", ".pre-commit-config.yaml", "flows", "tasks", "textgen_core")
    return tmp_path


def git(folder, *words):
    subprocess.run(["git", *words], cwd=folder, check=True, env=outside_git())


def outside_git():
    """The environment, without the repository that a hook may be running in."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def hooks(folder):
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color=never"]
    environment = outside_git() | {"PRE_COMMIT_HOME": str(folder / ".cache")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_what_is_sound_passes(clone):
    code, said = hooks(clone)
    assert code == 0, said
    assert said.count("Passed") == len(FAULTS) and "Skipped" not in said


@pytest.mark.slow
@pytest.mark.parametrize("hook", FAULTS)
def test_each_hook_refuses_its_faults(clone, hook):
    file = Path(clone, "textgen_core", "module.py")
    file.write_text(FAULTS[hook])
    code, said = hooks(clone)
    failed = {line.split(".")[0] for line in said.splitlines() if line.endswith("Failed")}
    assert code == 1 and failed == {hook}, said
