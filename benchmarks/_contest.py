"""Contestants of a benchmark of decoding, what they have to compute, and how they compare."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Run = Callable[[Mapping[str, Any]], dict[str, float]]
"""One run with a setting: new tokens, seconds, processor seconds."""


@dataclass(frozen=True)
class Contestant:
    """settings: those it may be tuned to. facts: its versions."""

    name: str
    run: Run
    settings: Sequence[Mapping[str, Any]]
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Shape:
    """A decoder-only Transformer with tied embeddings, and what it is asked for."""

    layers: int
    width: int
    heads: int
    vocab: int
    prompt: int
    new: int

    @property
    def block(self) -> list[tuple[int, int]]:
        """The matrices of a GPT-2's block: [in, out] each."""
        w = self.width
        return [(w, 3 * w), (w, w), (w, 4 * w), (4 * w, w)]

    @property
    def products(self) -> list[tuple[int, int]]:
        """Those that a row meets in a step of decoding."""
        return self.layers * self.block + [(self.width, self.vocab)]

    @property
    def positions(self) -> int:
        """Positions that the blocks compute for a row: all but the last token drawn, which nothing follows."""
        return self.prompt + self.new - 1

    @property
    def multiplications(self) -> dict[str, float]:
        """Multiply-adds a new token, each row's prompt shared out among its new tokens.

        ours has SwiGLU: three matrices of 8/3 the width instead of two of 4 times.
        """
        ours = [(self.width, 4 * self.width), *3 * [(self.width, _rounded(8 * self.width / 3, 32))]]
        each = {"GPT-2": self.block, "ours": ours}
        return {name: self._a_token(sum(map(math.prod, block))) for name, block in each.items()}

    @property
    def step(self) -> int:
        """Multiply-adds of one step of one row."""
        return sum(map(math.prod, self.products))

    def _a_token(self, block: int) -> float:
        return self.layers * block * self.positions / self.new + self.width * self.vocab

    @property
    def facts(self) -> dict[str, Any]:
        """For the record."""
        return {**asdict(self), "multiplications": self.multiplications}


def _rounded(number: float, to: int) -> int:
    return math.ceil(number / to) * to


def tune(contestant: Contestant) -> Mapping[str, Any]:
    """Its fastest setting: the better of two runs each."""

    def seconds(setting: Mapping[str, Any]) -> float:
        return min(contestant.run(setting)["seconds"] for _ in range(2))

    return min(contestant.settings, key=seconds)


def table(lines: Sequence[Mapping[str, Any]], shape: Shape, limit: str) -> str:
    """A row a contestant. The last line is ours: the others say how many times theirs it is."""
    (peak,) = (line["tokens/s"] for line in lines if line["name"] == limit)
    most = peak * shape.step / shape.multiplications["ours"]
    cells = [("", "tokens/s", "lowest", "highest", "a processor second", "ours is", "of limit", "setting")]
    for line in lines:
        if line["name"] == limit:
            line = {**line, **{key: line[key] * most / peak for key in ("tokens/s", "lowest", "highest")}}
        speeds = [f"{line[key]:,.0f}" for key in cells[0][1:4]]
        processor = "" if line["name"] == limit else f"{line['a processor second']:,.0f}"
        ratio, share = lines[-1]["tokens/s"] / line["tokens/s"], line["tokens/s"] / most
        setting = ", ".join(f"{key} {value}" for key, value in line["setting"].items())
        cells.append((line["name"], *speeds, processor, f"{ratio:.2f} x", f"{share:.0%}", setting))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells)
