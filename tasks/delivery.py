"""Logs and events are sent by threads of Prefect, which at the interpreter's end wait for a server without limit."""

from __future__ import annotations

from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker

from tasks.deadline import DEADLINE


def deliver(seconds: float = DEADLINE) -> None:
    """Have everything sent that is still queued, for when the server is about to end; give up after seconds each."""
    for worker in (EventsWorker, APILogWorker):
        worker.drain_all(timeout=seconds)
