"""A Prefect server on loopback: its port, its start, its health."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from flows.service.detection import answers
from flows.service.processes import MARK, Process, alive, end, spawn
from flows.service.state import home_of
from tasks import ENVIRONMENT
from textgen_core.errors import ServiceError

HOST = "127.0.0.1"
PORT = 4200
"""Prefect's own default, so that its link is the one people know."""
START_SECONDS = 120.0
"""A first start makes the database: 15 s here, more on a busy machine or a slow disk."""


def loopback_works() -> bool:
    """Whether a process of this machine can reach another. Not where all networks were taken away, loopback too."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        try:
            socket.create_connection(listener.getsockname(), timeout=1).close()
        except OSError:
            return False
    return True


def free_port(wanted: int = PORT) -> int:
    """The wanted port of loopback, or another where it is taken.

    Raises:
        ServiceError: there is none, or nothing could reach it.
    """
    if not loopback_works():
        raise ServiceError("the server needs the loopback interface", f"{HOST}, which can't be reached", "Bring it up")
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ServiceError("the server needs a free port on loopback", "none", "Check the network settings of this machine")


Role = Literal["server", "worker"]


def mark_of(directory: Path, role: Role) -> str:
    """What tells the server's processes, or the worker's and its runs', from all others of this machine."""
    return str(directory / role)


def environment(directory: Path, url: str, role: Role) -> dict[str, str]:
    """What the server, or the worker and its runs, find in their environment. Proxies are not for loopback."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return inherited | {
        **ENVIRONMENT,
        MARK: mark_of(directory, role),
        "PREFECT_HOME": str(home_of(directory)),
        "PREFECT_API_URL": url,
        "PREFECT_SERVER_API_HOST": HOST,
        "PREFECT_SERVER_API_PORT": str(urlsplit(url).port or PORT),
        # The newer pages ask a tracker on the internet for their settings, whatever the server is told.
        "PREFECT_SERVER_UI_V2_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_CLI_PROMPT": "false",
        "NO_PROXY": ",".join(filter(None, [os.environ.get("NO_PROXY"), HOST, "localhost"])),
    }


def spawn_server(directory: Path, port: int) -> tuple[Process, str]:
    """Start a server whose files lie in a state directory; its process and the address its API will have."""
    url = f"http://{HOST}:{port}/api"
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)]
    return spawn(command, environment(directory, url, "server"), _log(directory), directory), url


def await_server(directory: Path, process: Process, url: str) -> None:
    """Wait until a server answers.

    Raises:
        ServiceError: it ended, or did not answer in time. It is not left running.
    """
    deadline = time.monotonic() + START_SECONDS
    while not answers(url):
        if not alive(process) or time.monotonic() > deadline:
            end([process], mark_of(directory, "server"))
            received = "no answer in time" if time.monotonic() > deadline else "it ended"
            log = _log(directory)
            raise ServiceError("the Prefect server must start", f"{received}:\n{tail(log)}", f"Its log is {log}")
        time.sleep(0.2)


def _log(directory: Path) -> Path:
    return directory / "server.log"


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"
