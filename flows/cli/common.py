"""The options that every command has, and what they switch on."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from flows.cli.groups import GENERAL
from flows.cli.output import plain
from flows.cli.progress import Terminal
from textgen_core.progress import Progress, silent

Switch = Annotated[bool, Parameter(negative=(), show_default=False)]
"""A flag that is off unless it is given."""
Number = Annotated[int, Parameter(metavar="NUMBER")]
Text = Annotated[str, Parameter(metavar="TEXT")]
Directory = Annotated[str, Parameter(metavar="DIR")]
"""Values, with the placeholders that the flags of settings have."""


def program(name: str = "textgen") -> str:
    """What to type for a program of this installation: its name if the shell finds it, else where it lies."""
    here = Path(sys.executable).parent / name
    found = shutil.which(name)
    return name if found and Path(found) == here else os.path.relpath(here)


@Parameter(name="*", group=GENERAL)
@dataclass(frozen=True)
class Common:
    """Options of every command."""

    json: Switch = False
    """Print the result as one JSON document on stdout; errors as one JSON object on stderr."""
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"], negative=(), show_default=False)] = False
    """No progress and no notes on stderr; warnings and errors stay."""

    def progress(self) -> Progress:
        """What draws a stage's progress: the terminal (stderr), or nothing."""
        return silent if self.quiet else Terminal()

    def start_logging(self) -> None:
        """Send log lines to stderr, cleaned of control sequences."""
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(PlainFormatter("%(message)s"))
        handler.addFilter(worth_reading)
        logging.basicConfig(level=logging.WARNING if self.quiet else logging.INFO, handlers=[handler], force=True)

    def note(self, text: str) -> None:
        """A remark for people, on stderr."""
        if not self.quiet:
            print(plain(text), file=sys.stderr)


@Parameter(name="*", group=GENERAL)
@dataclass(frozen=True)
class Doing(Common):
    """Options of every command that makes something."""

    dry_run: Annotated[bool, Parameter(name="--dry-run", negative=(), show_default=False)] = False
    """Print what would be done and what is finished already; do nothing."""


def worth_reading(record: logging.LogRecord) -> bool:
    """Whether a log record is for people: all of ours, and of others the warnings.

    What Prefect says of a run is in its UI; of a failed one it would print the traceback, which the last line replaces.
    """
    if record.name.startswith(("prefect.flow_runs", "prefect.task_runs")):
        return False
    ours = record.name.startswith(("textgen_core", "flows", "tasks"))
    return ours or record.levelno >= logging.WARNING


class PlainFormatter(logging.Formatter):
    """Formats a record without anything that could steer a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's text; warnings say so."""
        prefix = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        return prefix + plain(super().format(record))
