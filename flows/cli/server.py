"""Is a Prefect server there? Asked without importing Prefect, which takes seconds."""

from __future__ import annotations

import contextlib
import http.client
import os
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

PATIENCE = 0.3
"""Seconds to wait for an answer. A server on loopback needs milliseconds; nobody should wait for one that is gone."""


def configured_api() -> str | None:
    """The Prefect API that the user or ``textgen up`` has set: the environment, else the active profile, else ours."""
    return os.environ.get("PREFECT_API_URL") or _profile_api() or _own_api()


def _profile_api() -> str | None:
    """The API of the user's active Prefect profile."""
    home = Path(os.environ.get("PREFECT_HOME") or Path.home() / ".prefect")
    try:
        document = tomllib.loads((home / "profiles.toml").read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
    active = os.environ.get("PREFECT_PROFILE") or document.get("active")
    api = document.get("profiles", {}).get(active, {}).get("PREFECT_API_URL")
    return api if isinstance(api, str) else None


def _own_api() -> str | None:
    """The API of the server that ``textgen up`` started."""
    return None


def answers(api: str, patience: float = PATIENCE) -> bool:
    """Whether a Prefect API is alive at this address, e.g. ``http://127.0.0.1:4200/api``."""
    address = urlsplit(api)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    try:
        with contextlib.closing(kind(address.hostname or "", address.port, timeout=patience)) as connection:
            connection.request("GET", f"{address.path.rstrip('/')}/health")
            return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException, ValueError):
        return False


def answering_api() -> tuple[str | None, str]:
    """The API to use, or None and the reason in words."""
    api = configured_api()
    if api is None:
        return None, "no Prefect server is configured (`textgen up` starts one)"
    if not answers(api):
        return None, f"the Prefect server at {api} does not answer"
    return api, ""
