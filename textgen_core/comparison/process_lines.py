"""What two processes tell each other: lines of JSON."""

from __future__ import annotations

import contextlib
import json
from typing import IO, Any


def tell(stream: IO[str], *words: Any) -> None:
    """Write a line. If nobody reads any more, that shows where answers are awaited."""
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps(words), file=stream, flush=True)
