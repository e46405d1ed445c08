import importlib.util

import pytest

from flows.cli.app import COMMANDS, app
from flows.cli.reference import PATH, reference

MISSING = [name for name, (_, where, _) in COMMANDS.items() if importlib.util.find_spec(where.split(":")[0]) is None]


@pytest.mark.skipif(bool(MISSING), reason=f"not written yet: {MISSING}")
def test_the_command_reference_is_current():
    assert PATH.read_text() == reference(), "run: python -m flows.cli.reference"


@pytest.mark.skipif(bool(MISSING), reason=f"not written yet: {MISSING}")
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_can_complete(shell):
    script = app.generate_completion(shell=shell)
    assert "textgen" in script and "quickstart" in script
