"""Errors on their way from one process to another, as JSON values."""

from __future__ import annotations

import traceback
from typing import Any

from textgen_core import errors
from textgen_core.errors import TextgenError
from textgen_core.models.config import first_line


class StageCrashError(Exception):
    """What nobody foresaw in another process: its kind and its message. Its trace is a note."""


def told_of(error: Exception) -> dict[str, Any]:
    """What ``error_of`` makes it again from."""
    if isinstance(error, TextgenError):
        received = None if error.received is None else str(error.received)
        cause = told_of(error.__cause__) if isinstance(error.__cause__, OSError) else None
        return {"refused": [type(error).__name__, error.rule, received, error.remedy], "cause": cause}
    if isinstance(error, OSError):
        told = [error.errno, error.strerror, error.filename and str(error.filename)]
        return {"machine": [str(error)] if error.errno is None else told}
    return {
        "crash": f"{type(error).__name__}: {first_line(error)}",
        "trace": "".join(traceback.format_exception(error)),
    }


def error_of(told: dict[str, Any]) -> Exception:
    """The error: one of ours, caused by the machine or not; one of the machine; or StageCrashError."""
    if "refused" in told:
        kind, *words = told["refused"]
        refused: TextgenError = getattr(errors, kind)(*words)
        refused.__cause__ = told["cause"] and error_of(told["cause"])
        return refused
    if "machine" in told:
        return OSError(*told["machine"])
    crash = StageCrashError(told["crash"])
    crash.add_note(told["trace"])
    return crash
