import pytest

from flows.cli.app import app
from flows.cli.reference import PATH, reference


def test_the_command_reference_is_current():
    assert PATH.read_text() == reference(), "run: python -m flows.cli.reference"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_can_complete(shell):
    script = app.generate_completion(shell=shell)
    assert "textgen" in script and "quickstart" in script
