"""Progress on stderr: what a stage tells, drawn for whoever sits at the terminal or reads the log."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from textgen_core.progress import Pace, Update, describe


class Terminal:
    """Draws updates on a stream: one line rewritten in place on a terminal, a line every few seconds elsewhere."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._live = self._stream.isatty()
        self._interval = 0.2 if self._live else 10.0  # a log wants few lines, an eye wants movement
        self._paces: dict[str, Pace] = {}
        self._drawn_at: dict[str, float] = {}
        self._width = 0

    def __call__(self, update: Update) -> None:
        """Draw an update, if one is due."""
        now = time.monotonic()
        rate, left = self._paces.setdefault(update.phase, Pace()).measure(update, now)
        finished = update.total is not None and update.done >= update.total
        if not finished and now - self._drawn_at.get(update.phase, -self._interval) < self._interval:
            return
        self._drawn_at[update.phase] = now
        line = describe(update, rate, left)
        if self._live:
            self._stream.write("\r" + line.ljust(self._width) + ("\n" if finished else ""))
            self._width = 0 if finished else len(line)
        else:
            self._stream.write(line + "\n")
        self._stream.flush()
