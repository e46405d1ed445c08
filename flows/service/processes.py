"""Starting processes, knowing them again, and ending them with everything they started."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict

MARK = "TEXTGEN_SERVICE"
"""Environment variable that every process of a service inherits: how orphans are found whose parent was killed."""

_PROC = Path("/proc")


class Process(BaseModel):
    """A process and when it started, so that a later one with the same number is not taken for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pid: int
    started: str


def spawn(command: Sequence[str], environment: Mapping[str, str], log: Path, directory: Path) -> Process:
    """Start a program of its own session, which outlives the terminal; its output goes to the log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=directory,
            start_new_session=True,
        )
    _children[child.pid] = child
    return Process(pid=child.pid, started=_table().get(child.pid, (0, ""))[1])


_children: dict[int, subprocess.Popen[bytes]] = {}
"""Started by this process: polled, or they stay defunct after they end."""


def alive(process: Process | None) -> bool:
    """Whether this very process runs."""
    if process is None:
        return False
    if (child := _children.get(process.pid)) is not None and child.poll() is not None:
        return False
    return _table().get(process.pid, (0, None))[1] == process.started


def end(processes: Sequence[Process], mark: str, patience: float = 15.0) -> None:
    """End processes, then all they started that is still there; whoever ignores SIGTERM is killed after patience."""
    doomed = _family(processes, mark)  # before the first dies, and its children lose their parent
    _signal(processes, signal.SIGTERM)
    _wait(lambda: not any(map(alive, processes)), patience)
    doomed |= _family(processes, mark)
    for number in (signal.SIGTERM, signal.SIGKILL):
        _signal(doomed, number)
        _wait(lambda: not any(map(alive, doomed)), patience / 3)


def _family(processes: Sequence[Process], mark: str) -> set[Process]:
    """Those of the processes, of their descendants and of the marked that run."""
    table = _table()
    members = {process.pid for process in processes if alive(process)}
    if _PROC.is_dir():
        members |= {pid for pid in table if _marked(pid, mark)}
    while grown := {pid for pid, (parent, _) in table.items() if parent in members} - members:
        members |= grown
    return {Process(pid=pid, started=table[pid][1]) for pid in members & table.keys() if pid != os.getpid()}


def _marked(pid: int, mark: str) -> bool:
    try:
        return f"{MARK}={mark}".encode() in (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _signal(processes: Iterable[Process], number: signal.Signals) -> None:
    for process in processes:
        if alive(process):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process.pid, number)


def _wait(over: Callable[[], bool], patience: float) -> None:
    deadline = time.monotonic() + patience
    while not over() and time.monotonic() < deadline:
        time.sleep(0.1)


def _table() -> dict[int, tuple[int, str]]:
    """Every running process: its number -> its parent's number and when it started."""
    if not _PROC.is_dir():
        return _table_of_ps()
    found = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            try:
                # The name in parentheses may hold anything, parentheses included.
                fields = (entry / "stat").read_text(errors="replace").rsplit(")", 1)[1].split()
            except (OSError, IndexError):
                continue
            if fields[0] != "Z":
                found[int(entry.name)] = (int(fields[1]), fields[19])
    return found


def _table_of_ps() -> dict[int, tuple[int, str]]:
    listed = subprocess.run(["ps", "-axo", "pid=,ppid=,stat=,lstart="], capture_output=True, text=True, check=True)
    lines = (line.split(maxsplit=3) for line in listed.stdout.splitlines())
    return {int(pid): (int(parent), started.strip()) for pid, parent, state, started in lines if state[0] != "Z"}
