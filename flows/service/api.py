"""The few calls of Prefect's REST API that the service needs, without importing Prefect."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from typing import Any

from textgen_core.errors import ServiceError

SECONDS = 30.0
"""A server that is busy with its first migrations may take this long."""
ATTEMPTS = 6
"""A server on SQLite answers 503, with nothing done, while another write holds the database."""


def call(url: str, path: str, body: dict[str, Any] | None = None, method: str | None = None) -> Any:
    """Send a JSON body to a path of the API and return the JSON reply; POST, or GET without a body.

    Raises:
        ServiceError: no reply, or a refusal.
    """
    request = urllib.request.Request(
        f"{url.rstrip('/')}/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
        method=method,
    )
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as reply:
                return json.loads(reply.read() or b"null")
        except urllib.error.HTTPError as error:
            if error.code == http.client.SERVICE_UNAVAILABLE and attempt < ATTEMPTS:
                time.sleep(0.2 * 2**attempt)
                continue
            raise ServiceError(
                f"the Prefect server must accept {path}", f"{error.code}: {error.read()[:500].decode(errors='replace')}"
            ) from None
        except OSError as error:
            raise ServiceError("the Prefect server must answer", f"{url}: {error}", "`textgen up` starts one") from None
    raise AssertionError("the last attempt returns or raises")
