"""How fast models are: what ``python -m benchmarks families`` measured, with the day and the machine."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, NamedTuple

MEASURED = Path(__file__).parents[2] / "benchmarks" / "results"


class Speed(NamedTuple):
    """Tokens a second, all rows together, and the vocabulary with which they were measured. None: not measured."""

    training: int | None = None
    decoding: int | None = None
    vocab_size: int | None = None


class Speeds:
    """Speeds by architecture and vocabulary. None are known where no benchmark was kept, as in a wheel."""

    def __init__(self, folder: Path = MEASURED) -> None:
        reports = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("families*.json"))]
        self._reports: list[dict[str, Any]] = sorted(reports, key=lambda report: str(report["date"]))
        self._found = {
            (line["model"], line["vocabulary"]): Speed(line["training"], line["decoding"], line["vocabulary"])
            for report in self._reports  # of what was measured twice, the later
            for line in report["results"]
        }

    def __call__(self, architecture: str, vocab_size: int) -> Speed:
        """What was measured of an architecture with the nearest vocabulary, by their ratio.

        Presets with the same architecture are as fast as each other: they have the same optimizer.
        """
        own = [speed for (name, _), speed in self._found.items() if name == architecture]
        return min(own, key=lambda speed: abs(math.log((speed.vocab_size or 1) / vocab_size)), default=Speed())

    @property
    def origin(self) -> str:
        """The machines and the days, in words; empty where nothing is known."""
        return " and ".join(dict.fromkeys(map(_origin, self._reports)))


def _origin(report: dict[str, Any]) -> str:
    on = report["machine"]
    return f"{on['processor']}, {on['cores']} cores, {', '.join(on['instructions'])}; {report['date']}"
