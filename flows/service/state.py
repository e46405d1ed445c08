"""Where the service keeps its files, and which of its processes run.

STATE/service.json    address and processes
STATE/prefect/        PREFECT_HOME: the server's database; the user's ~/.prefect is never touched
STATE/server.log, worker.log
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from flows.service.processes import Process
from textgen_core.datasets.stage import write_file


class State(BaseModel):
    """What ``up`` started. A process that it did not start is None."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    """Address of the server's API."""
    server: Process | None
    worker: Process | None


def state_directory() -> Path:
    """$TEXTGEN_STATE, else the user's state directory of the XDG base directory specification."""
    if given := os.environ.get("TEXTGEN_STATE"):
        return Path(os.path.abspath(given))
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "textgen"


def home_of(directory: Path) -> Path:
    """The PREFECT_HOME in a state directory."""
    return directory / "prefect"


def read_state(directory: Path) -> State | None:
    """What was started; None if nothing was, or the note is unreadable."""
    try:
        return State.model_validate_json((directory / "service.json").read_bytes())
    except (OSError, ValidationError):
        return None


def write_state(directory: Path, state: State | None) -> None:
    """Note what was started; None removes the note."""
    path = directory / "service.json"
    if state is None:
        path.unlink(missing_ok=True)
        return
    directory.mkdir(parents=True, exist_ok=True)
    write_file(path, state.model_dump_json(indent=1).encode())
