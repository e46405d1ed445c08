"""What is only for the eye never holds up the work: it runs beside it, with a deadline, and may fail."""

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Callable

DEADLINE = 10.0
"""Seconds. A healthy server takes milliseconds; a dead one would hold its caller for a minute of retries."""

logger = logging.getLogger(__name__)


def best_effort(action: Callable[[], object], what: str, deadline: float = DEADLINE) -> bool:
    """Do an action in a daemon thread and wait for at most deadline seconds; True if it was done without an error."""
    faults: list[BaseException] = []

    def attempt() -> None:
        try:
            action()
        except Exception as error:
            faults.append(error)

    thread = start(attempt)
    thread.join(deadline)
    if thread.is_alive():
        logger.warning("%s was given up after %.0f s: the Prefect server does not answer", what, deadline)
    elif faults:
        logger.warning("%s failed: %s", what, faults[0])
    return not thread.is_alive() and not faults


def start(action: Callable[[], None]) -> threading.Thread:
    """Start a daemon thread that knows which Prefect run it belongs to."""
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(action,), daemon=True)
    thread.start()
    return thread
