"""The few calls of Prefect's REST API that the service needs, without importing Prefect."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from textgen_core.errors import ServiceError

SECONDS = 30.0
"""A server that is busy with its first migrations may take this long."""


def call(url: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """POST a JSON body to a path of the API (GET where there is none) and return the JSON reply.

    Raises:
        ServiceError: no reply, or a refusal.
    """
    request = urllib.request.Request(
        f"{url.rstrip('/')}/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as reply:
            return json.loads(reply.read() or b"null")
    except urllib.error.HTTPError as error:
        raise ServiceError(f"the Prefect server must accept {path}", f"{error.code}: {error.read()[:300]!r}") from None
    except OSError as error:
        raise ServiceError("the Prefect server must answer", f"{url}: {error}", "`textgen up` starts one") from None
