"""Whose Prefect is used, and is it alive? Answered without importing Prefect, which takes seconds."""

from __future__ import annotations

import http.client
import os
import tomllib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from flows.service.state import home_of, read_state, state_directory

PATIENCE = 0.3
"""Seconds. Loopback answers in milliseconds; no command should wait longer for a server that is gone."""


@dataclass(frozen=True, slots=True)
class Api:
    """A Prefect API and, where it is one of ours, the PREFECT_HOME that keeps it apart from the user's."""

    url: str
    home: Path | None = None

    @property
    def ui(self) -> str:
        """The address of its pages."""
        return self.url.removesuffix("/").removesuffix("/api")

    def use(self) -> None:
        """Have Prefect use this API in this process. Call it before Prefect is imported."""
        os.environ["PREFECT_API_URL"] = self.url
        if self.home:
            os.environ["PREFECT_HOME"] = str(self.home)


def configured_api() -> Api | None:
    """The API to use: the environment's, else the active profile's, else that of ``textgen up``. It may be dead."""
    return users_api() or own_api()


def users_api() -> Api | None:
    """The API that the user has set, in the environment or in the active Prefect profile."""
    url = os.environ.get("PREFECT_API_URL") or _profile_url()
    return Api(url) if url else None


def own_api() -> Api | None:
    """The API of the server that ``textgen up`` started."""
    running = read_state(state_directory())
    return Api(running.url, home_of(state_directory())) if running and running.server else None


def answers(url: str, patience: float = PATIENCE) -> bool:
    """Whether a Prefect API is alive at this address, e.g. ``http://127.0.0.1:4200/api``."""
    address = urlsplit(url)
    connect = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    try:
        with closing(connect(address.hostname or "", address.port, timeout=patience)) as connection:
            connection.request("GET", f"{address.path.rstrip('/')}/health")
            reply = connection.getresponse()
            return reply.status == http.client.OK and reply.read(16).strip() == b"true"
    except (OSError, http.client.HTTPException, ValueError):
        return False


def _profile_url() -> str | None:
    home = Path(os.environ.get("PREFECT_HOME") or Path.home() / ".prefect")
    path = Path(os.environ.get("PREFECT_PROFILES_PATH") or home / "profiles.toml")
    try:
        document = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
    active = os.environ.get("PREFECT_PROFILE") or document.get("active")
    url = document.get("profiles", {}).get(active, {}).get("PREFECT_API_URL")
    return url if isinstance(url, str) else None
