import pytest

from flows.cli import exits


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path_factory):
    """No Prefect server, profile or state of the user's is seen or touched."""
    home = tmp_path_factory.mktemp("home")
    for name in ("PREFECT_API_URL", "PREFECT_PROFILE", "PREFECT_PROFILES_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(home / "prefect"))
    monkeypatch.setenv("TEXTGEN_STATE", str(home / "state"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home))


@pytest.fixture
def textgen(capsys):
    """Run a command line in this process: its exit code, stdout and stderr."""

    def run(*arguments):
        code = exits.run([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return run
