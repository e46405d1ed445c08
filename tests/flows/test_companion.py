"""However a command with a server of its own ends, the server ends too: no process, no port, no directory is left."""

import re
import signal
import subprocess
import sys
import time

import pytest

from flows.service.processes import MARK
from flows.service.server import mark_of
from tests.processes import apart, listens, marked, until

STARTER = """
import sys, subprocess, time
from pathlib import Path
from flows.service.companion import guarded
from flows.service.processes import spawn
directory = Path(sys.argv[1])
directory.mkdir()
with guarded(directory) as watch:
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    watch(spawn(sleep, {sys.argv[2]: sys.argv[3]}, directory / "log", directory))
    print("ready", flush=True)
    if sys.argv[4] == "wait":
        time.sleep(600)
"""


def starter(directory, then):
    mark = mark_of(directory, "server")
    command = [sys.executable, "-c", STARTER, str(directory), MARK, mark, then]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process, mark


def test_what_is_guarded_ends_with_the_block(tmp_path):
    process, mark = starter(tmp_path / "server", "end")
    assert process.wait(60) == 0
    assert marked(mark) == []
    assert not (tmp_path / "server").exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_what_is_guarded_ends_when_its_starter_is_killed(tmp_path, number):
    process, mark = starter(tmp_path / "server", "wait")
    assert marked(mark)
    process.send_signal(number)
    assert process.wait(60) == -number
    until(lambda: not marked(mark) and not (tmp_path / "server").exists(), "the companion clears away")


@pytest.fixture
def run(tmp_path):
    """A `textgen run --ui` at work; it is told to start a server and train for as long as it may."""
    (tmp_path / "verse.txt").write_text("\n\n".join(f"verse {number} of a song" for number in range(300)))
    config = "{output: out, ingestion: {inputs: [verse.txt]}, models: {m: {training: "
    config += "{preset: tiny, steps: 1000000, evaluate_every: 1000000}}}}"
    (tmp_path / "config.yaml").write_text(config)
    command = [sys.executable, "-m", "flows.cli", "run", str(tmp_path / "config.yaml"), "--ui"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=apart(tmp_path), cwd=tmp_path)
    yield process
    process.kill()
    process.stderr.close()


def wait_for(process, pattern):
    """The first line on stderr that matches."""
    for line in process.stderr:
        if found := re.search(pattern, line):
            return found
    raise AssertionError(f"it ended with {process.wait()}, without a line like {pattern}")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_a_run_that_is_killed_leaves_no_server(run, tmp_path, number, code):
    began = time.monotonic()
    port = int(wait_for(run, r"http://127.0.0.1:(\d+)")[1])
    wait_for(run, "training .* loss ")
    assert listens(port) and marked(tmp_path)
    killed = time.monotonic()
    run.send_signal(number)
    rest = run.stderr.read()
    assert run.wait(120) == code, rest
    assert time.monotonic() - killed < killed - began, "it waits at its end for a server that is gone"
    assert "Traceback" not in rest
    until(lambda: not marked(tmp_path) and not listens(port), "the server ends")
    until(lambda: not list(tmp_path.glob("textgen-server-*")), "its directory goes")


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)])
def test_a_run_that_is_killed_while_its_server_starts_leaves_none(run, tmp_path, number, code):
    until(lambda: marked(tmp_path), "the server starts")
    run.send_signal(number)
    assert run.wait(120) == code
    until(lambda: not marked(tmp_path), "the server ends")
    until(lambda: not list(tmp_path.glob("textgen-server-*")), "its directory goes")


@pytest.mark.slow
def test_down_ends_what_a_killed_up_had_begun(tmp_path):
    command = [sys.executable, "-m", "flows.cli"]
    starting = subprocess.Popen([*command, "up", "--quiet"], env=apart(tmp_path), cwd=tmp_path)
    state = tmp_path / "state" / "service.json"
    until(lambda: marked(tmp_path) and state.exists(), "the server starts")
    starting.kill()
    starting.wait()
    assert marked(tmp_path), "it goes on without its starter"
    down = subprocess.run([*command, "down"], env=apart(tmp_path), cwd=tmp_path, capture_output=True, text=True)
    assert (down.returncode, down.stdout) == (0, "Stopped.\n"), down.stderr
    assert marked(tmp_path) == []
