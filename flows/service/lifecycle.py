"""Up, down, and a server for the duration of one command. Each may be called at any time and any number of times."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock

from flows.service.api import call
from flows.service.companion import guarded
from flows.service.detection import Api, answers, users_api
from flows.service.nightly import read_nightly, write_nightly
from flows.service.processes import Process, alive, end, spawn
from flows.service.server import PORT, await_server, environment, free_port, mark_of, spawn_server, tail
from flows.service.state import State, home_of, read_state, state_directory, write_state
from flows.service.zombies import settle, watch_heartbeats
from textgen_core.errors import ServiceError

POOL = "textgen"
DEPLOYMENTS = Path(__file__).parents[2] / "deployments" / "prefect.yaml"
WORKER_SECONDS = 60.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Service:
    """What is up: the API, and whether this call started anything."""

    api: Api
    started: bool


def up(
    port: int = PORT,
    say: Say = print,
    directory: Path | None = None,
    runs_at_once: int = 1,
    deployments: Path = DEPLOYMENTS,
) -> Service:
    """Start what is not running of server, worker and deployments, and wait until all of it answers.

    Args:
        port: of the server; another is taken where it is not free.
        say: told in a line what happens.
        directory: the state directory; state_directory() by default.
        deployments: a prefect.yaml.
        runs_at_once: flow runs that the worker starts at a time. One: two trainings would share the same cores.

    Raises:
        ServiceError: something did not start. What this call started is ended again.
    """
    directory = directory or state_directory()
    with _alone(directory):
        state = read_state(directory)
        if state and alive(state.worker) and answers(state.url):
            return Service(_api(directory, state), started=False)
        try:
            return _start(directory, state, port, say, runs_at_once, deployments)
        except BaseException:
            _end_all(directory, read_state(directory))
            raise


def _start(directory: Path, state: State | None, port: int, say: Say, runs_at_once: int, deployments: Path) -> Service:
    api, server = _server(directory, state, port, say)
    write_state(directory, State(url=api.url, server=server, worker=None))
    _make_pool(api.url)
    end([], mark_of(directory, "worker"))  # runs of a worker that was killed, or one whose starter was
    # On a server of the user's own, the pool's runs may be at work on another machine.
    if server and (crashed := settle(api.url, POOL)):
        say(f"{crashed} runs of a worker that is gone were marked as crashed.")
    watch_heartbeats(api.url)
    say("Applying the deployments ...")
    variables = environment(directory, api.url, "worker")
    nightly = read_nightly(api.url)
    _deploy(variables, deployments)
    if nightly:  # the file has it switched off
        write_nightly(api.url, nightly)
    worker = _start_worker(directory, variables, runs_at_once)
    write_state(directory, State(url=api.url, server=server, worker=worker))
    return Service(api, started=True)


def _server(directory: Path, state: State | None, port: int, say: Say) -> tuple[Api, Process | None]:
    """The user's own server, or ours if it still runs, or a new one."""
    if api := users_api():
        if not answers(api.url, patience=5):
            raise ServiceError("your Prefect server must answer", api.url, "Start it, or unset PREFECT_API_URL")
        say(f"Using your own Prefect at {api.ui}.")
        return api, None
    if state and state.server and alive(state.server):
        await_server(directory, state.server, state.url)  # whoever started it may have been killed meanwhile
        return _api(directory, state), state.server
    say("Starting the Prefect server (about 15 s the first time) ...")
    server, url = spawn_server(directory, free_port(port))
    write_state(directory, State(url=url, server=server, worker=None))
    await_server(directory, server, url)
    return Api(url, home_of(directory)), server


def _api(directory: Path, state: State) -> Api:
    return Api(state.url, home_of(directory) if state.server else None)


def _make_pool(url: str) -> None:
    if not call(url, "work_pools/filter", {"work_pools": {"name": {"any_": [POOL]}}}):
        call(url, "work_pools/", {"name": POOL, "type": "process", "description": "Made by textgen up."})


def _deploy(variables: dict[str, str], deployments: Path) -> None:
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(deployments)]
    done = subprocess.run(command, env=variables, cwd=deployments.parent, capture_output=True, text=True)
    if done.returncode:
        raise ServiceError("the deployments must be accepted", (done.stdout + done.stderr)[-2000:], str(deployments))


def _start_worker(directory: Path, variables: dict[str, str], runs_at_once: int) -> Process:
    """Start a worker and wait until the server knows it."""
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process"]
    command += ["--name", "textgen", "--limit", str(runs_at_once)]
    worker = spawn(command, variables, directory / "worker.log", Path.cwd())
    deadline = time.monotonic() + WORKER_SECONDS
    body = {"workers": {"status": {"any_": ["ONLINE"]}}}
    while not call(variables["PREFECT_API_URL"], f"work_pools/{POOL}/workers/filter", body):
        if not alive(worker) or time.monotonic() > deadline:
            end([worker], mark_of(directory, "worker"))
            raise ServiceError("the worker must start", tail(directory / "worker.log"))
        time.sleep(0.2)
    return worker


def down(directory: Path | None = None) -> bool:
    """End worker, server and every run they started; False if nothing was up."""
    directory = directory or state_directory()
    if read_state(directory) is None:
        return False
    with _alone(directory):
        state = read_state(directory)
        if state is None:
            return False
        was_up = alive(state.worker) or alive(state.server)
        _end_all(directory, state)
        return was_up


def _end_all(directory: Path, state: State | None) -> None:
    """End the worker and its runs first, so that the server still learns that they ended."""
    end([state.worker] if state and state.worker else [], mark_of(directory, "worker"))
    if state and state.server and answers(state.url):
        settle(state.url, POOL)
    end([state.server] if state and state.server else [], mark_of(directory, "server"))
    write_state(directory, None)


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    directory.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(directory / "service.lock", timeout=180):
            yield
    except filelock.Timeout:
        raise ServiceError("one command at a time starts or ends the service", str(directory), "Wait for it") from None


@contextmanager
def temporary_server() -> Iterator[Api]:
    """A server for the duration of a block, of which nothing is left afterwards, even if this process is killed."""
    directory = Path(tempfile.mkdtemp(prefix="textgen-server-"))
    with guarded(directory) as watch:
        server, url = spawn_server(directory, free_port())
        watch(server)
        await_server(directory, server, url)
        yield Api(url, home_of(directory))
