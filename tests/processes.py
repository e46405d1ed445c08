"""What tests of services ask of the machine: whose processes run, what listens, and whether something comes true."""

import os
import socket
import time
from pathlib import Path

from flows.service.processes import MARK


def until(true, what, patience=120):
    """The first true value of a function; it is asked again and again, since a loaded machine takes its time."""
    deadline = time.monotonic() + patience
    while not (value := true()):
        assert time.monotonic() < deadline, f"{what}: not within {patience} s"
        time.sleep(0.1)
    return value


def marked(prefix):
    """Numbers of the processes whose mark of a service starts so; those that ended but were not waited for are none."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            variables = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(line.startswith(f"{MARK}={prefix}".encode()) for line in variables):
            found.append(int(entry.name))
    return found


def listens(port):
    """Whether something answers at a port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def apart(directory):
    """The environment of a command that sees no Prefect of the user's, and keeps its files in a directory."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "TEXTGEN_"))}
    return inherited | {"TEXTGEN_STATE": str(directory / "state"), "HOME": str(directory), "TMPDIR": str(directory)}
