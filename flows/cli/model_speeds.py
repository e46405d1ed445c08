"""How fast models are: what ``python -m benchmarks families`` measured, with the day and the machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

MEASURED = Path(__file__).parents[2] / "benchmarks" / "results" / "families--presets-demo.json"


class Speed(NamedTuple):
    """Tokens a second, all rows together; None where it was not measured."""

    training: int | None = None
    decoding: int | None = None


class Speeds:
    """Speeds by family, preset and vocabulary. None are known where no benchmark was kept, as in a wheel."""

    def __init__(self, path: Path = MEASURED) -> None:
        report: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        self._report = report
        self._found = {
            (line["family"], line["preset"], line["vocabulary"]): Speed(line.get("training"), line.get("decoding"))
            for line in report.get("results", ())
        }

    def __call__(self, family: str, preset: str, vocab_size: int) -> Speed:
        """What was measured of the preset with just this vocabulary."""
        return self._found.get((family, preset, vocab_size), Speed())

    @property
    def vocabularies(self) -> list[int]:
        """Those with which speeds were measured."""
        return sorted({vocab_size for _, _, vocab_size in self._found})

    @property
    def origin(self) -> str:
        """The machine and the day, in words; empty where nothing is known."""
        if not self._found:
            return ""
        on = self._report["machine"]
        instructions = ", ".join(on["instructions"])
        return f"{on['processor']}, {on['cores']} cores, {instructions}; {self._report['date']}"
