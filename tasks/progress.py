"""A stage's progress, live in the Prefect UI: a progress artifact, and a line in the log now and then."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import cast
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.logging import get_run_logger

from tasks.artifacts import key
from tasks.deadline import DEADLINE, start
from textgen_core.progress import Pace, Progress, Update, describe, silent

POST_SECONDS = 2.0
"""Between two posts: an eye sees it move, and an hour of training is 1,800 small requests."""
LOG_SECONDS = 15.0

_terminal: ContextVar[Progress] = ContextVar("terminal", default=silent)


@contextmanager
def also_drawn_by(progress: Progress) -> Iterator[None]:
    """Within the block, stages that run in this process draw their progress with this function too."""
    token = _terminal.set(progress)
    try:
        yield
    finally:
        _terminal.reset(token)


class LiveProgress:
    """Shows updates in the task run of the block it is used in.

    Posting happens in a thread of its own, which takes the latest update and drops those between: a slow or dead
    server delays no step, and at the end it is waited for DEADLINE seconds at most.
    """

    def __init__(self, stage: str, post_seconds: float = POST_SECONDS, deadline: float = DEADLINE) -> None:
        self._stage = stage
        self._post_seconds = post_seconds
        self._deadline = deadline
        self._paces: defaultdict[str, Pace] = defaultdict(Pace)  # a stage may have phases, each with units of its own
        self._pending: Update | None = None
        self._news = threading.Event()
        self._over = threading.Event()
        self._artifact: UUID | None = None
        self._failed = False
        self._logged_at = time.monotonic()
        self._logger = get_run_logger()
        core = logging.getLogger("textgen_core")
        # In a worker nobody has chosen a level, and Prefect only adds its handler. A terminal has chosen its own.
        if core.level == logging.NOTSET and _terminal.get() is silent:
            core.setLevel(logging.INFO)

    def __call__(self, update: Update) -> None:
        """Take an update; returns at once."""
        _terminal.get()(update)
        self._pending = update
        self._news.set()
        if time.monotonic() - self._logged_at > LOG_SECONDS:
            self._logged_at = time.monotonic()
            self._logger.info(describe(update, *self._paces[update.phase].measure(update)))

    def __enter__(self) -> LiveProgress:
        self._thread = start(self._post_all)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._news.set()
        self._thread.join(self._deadline)

    def _post_all(self) -> None:
        while not self._over.is_set():
            self._news.wait()
            self._news.clear()
            update, self._pending = self._pending, None
            if update is not None:
                self._post(update)
            self._over.wait(self._post_seconds)
        if self._pending is not None:
            self._post(self._pending)

    def _post(self, update: Update) -> None:
        percent = min(100.0, 100 * update.done / update.total) if update.total else 0.0
        line = describe(update, *self._paces[update.phase].measure(update))
        try:
            if self._artifact is None:
                self._artifact = cast(UUID, create_progress_artifact(percent, key(self._stage, "progress"), line))
            else:
                update_progress_artifact(self._artifact, percent, line)
        except Exception as error:
            if not self._failed:  # once: the work goes on, and its log is for the work
                self._logger.warning("progress could not be shown: %s", error)
            self._failed = True
