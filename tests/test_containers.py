"""The container files hold together: what they copy exists, what they start is a command, what they set is known.

They are read, not built: that takes a container engine.
"""

import importlib
import shlex
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
LINES = (ROOT / "deployments" / "Dockerfile").read_text().splitlines()
COMPOSE = yaml.safe_load((ROOT / "deployments" / "compose.yaml").read_text())
importlib.import_module("tasks")  # sets what Prefect reads when it is imported
INSTRUCTIONS = [line.split(maxsplit=1) for line in LINES if line and not line.startswith("#")]


def test_the_image_has_a_python_that_is_supported():
    [image] = [value for name, value in INSTRUCTIONS if name == "FROM"]
    assert image in {f"python:3.{minor}-slim" for minor in (11, 12, 13)}


def test_everything_that_is_copied_is_there_and_every_package_is_copied():
    copied = {source for name, value in INSTRUCTIONS if name == "COPY" for source in value.split()[:-1]}
    assert {source for source in copied if not (ROOT / source).exists()} == set()
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert packages <= copied


def test_it_does_not_run_as_root_and_works_where_its_user_may_write():
    order = [name for name, _ in INSTRUCTIONS]
    assert order.index("USER") > max(number for number, name in enumerate(order) if name == "RUN")
    [folder] = [value for name, value in INSTRUCTIONS if name == "WORKDIR"][-1:]
    assert any(f"mkdir {folder}" in value and f"chown textgen {folder}" in value for _, value in INSTRUCTIONS)


def commands():
    """Every prefect command line in both files."""
    found = [yaml.safe_load(value) for name, value in INSTRUCTIONS if name == "CMD"]
    found += [service["command"] for service in COMPOSE["services"].values() if "command" in service]
    words = [part for command in found for part in (command[2].split("&&") if command[0] == "sh" else [command])]
    return [shlex.split(part) if isinstance(part, str) else part for part in words]


@pytest.mark.parametrize("words", commands(), ids=lambda words: " ".join(map(str, words))[:60])
def test_every_command_is_one_of_prefects_with_these_options(words):
    from prefect.cli._app import _app as app

    assert words[0] == "prefect"
    app.parse_args([word for word in words[1:] if word != "--no-prompt"], exit_on_error=False, print_error=False)


def test_every_setting_is_one_of_prefects():
    from prefect.settings import get_current_settings

    known = set(get_current_settings().to_environment_variables(exclude_unset=False)) | {"PREFECT_API_URL"}
    named = {name for service in COMPOSE["services"].values() for name in service["environment"]}
    assert named and named <= known


def test_services_wait_for_what_they_need_and_are_reached_from_this_machine_only():
    services = COMPOSE["services"]
    needed = {name for service in services.values() for name in service.get("depends_on", {})}
    assert needed <= services.keys()
    assert services["server"]["ports"] == ["127.0.0.1:4200:4200"]
    assert all(service["build"]["context"] == ".." for service in services.values())
