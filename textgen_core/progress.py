"""How a stage tells what it is doing: it calls a function with an Update, and whoever called it draws that.

The terminal (flows/cli/progress.py) and the Prefect artifact (tasks/progress.py) are two such functions.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from textgen_core.figures import figure


@dataclass(frozen=True, slots=True)
class Update:
    """How far a stage is, or a phase of it that is counted by itself.

    Attributes:
        phase: what it is doing, in a word or two: ``training``, ``scoring``, ``held out``.
        done: units finished so far.
        total: units in all; None while unknown.
        unit: what is counted, in the plural: ``documents``, ``steps``, ``samples``.
        values: figures of the moment, e.g. ``{"loss": 1.62, "tokens/s": 6400.0}``.
    """

    phase: str
    done: float
    total: float | None
    unit: str
    values: Mapping[str, float | str] = field(default_factory=dict)


Progress = Callable[[Update], None]
Advance = Callable[[int], None]
"""Is told how much more of something is done."""


def silent(update: Update) -> None:
    """Draw nothing."""


RECENT = 30.0
"""Seconds over which a rate is taken: the first steps of a training compile for longer than hundreds of others take."""


class Counter:
    """Told of what is done piece by piece, it tells how much of it is done, from nothing on."""

    def __init__(self, progress: Progress, phase: str, total: int | None, unit: str) -> None:
        self._progress, self._update = progress, Update(phase, 0, total, unit)
        progress(self._update)

    def __call__(self, more: int) -> None:
        """So many more are done."""
        self._update = replace(self._update, done=self._update.done + more)
        self._progress(self._update)


class Pace:
    """Rate and time left of one phase, measured over its latest updates."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque()
        self._over = False

    def measure(self, update: Update, now: float | None = None) -> tuple[float | None, float | None]:
        """Return (units a second, seconds left); None where not known yet."""
        now = time.monotonic() if now is None else now
        if self._seen and (update.done < self._seen[-1][1] or self._over):
            self._seen.clear()  # the phase began again, for another model, which may be a resumed one
        self._seen.append((now, update.done))
        self._over = update.total is not None and update.done >= update.total
        while len(self._seen) > 2 and self._seen[1][0] <= now - RECENT:
            self._seen.popleft()
        seconds, units = now - self._seen[0][0], update.done - self._seen[0][1]
        if seconds <= 0 or units <= 0:
            return None, None
        rate = units / seconds
        left = (update.total - update.done) / rate if update.total is not None else None
        return rate, left


def describe(update: Update, rate: float | None, left: float | None) -> str:
    """One line of plain text: share, counts, rate, time left, figures."""
    share = f"{update.done / update.total:4.0%} " if update.total else ""
    of = f"/{_count(update.total)}" if update.total is not None else ""
    parts = [f"{update.phase:<12} {share}{_count(update.done)}{of} {update.unit}"]
    if rate is not None:
        parts.append(f"{rate:,.0f} {update.unit}/s" if rate >= 10 else f"{rate:.2g} {update.unit}/s")
    if left is not None:
        parts.append(f"{clock(left)} left")
    parts += [f"{name} {figure(value)}" for name, value in update.values.items()]
    return "  ".join(parts)


def _count(number: float) -> str:
    """Whole units; of fewer than ten, such as megabytes, also tenths."""
    return f"{number:,.0f}" if number >= 10 or number == int(number) else f"{number:.1f}"


def clock(seconds: float) -> str:
    """Seconds as m:ss or h:mm:ss."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
