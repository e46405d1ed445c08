"""Models that decoding benchmarks build, and what a token of them costs in multiply-adds."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

Matrix = tuple[int, int]
"""[in, out] of a product that a row meets."""


@dataclass(frozen=True)
class Transformer:
    """A decoder-only Transformer with tied embeddings, and what it is asked for: new tokens after a prompt, of each of
    the beams."""

    layers: int
    width: int
    heads: int
    vocab: int
    prompt: int
    new: int
    beams: int = 1

    @property
    def block(self) -> list[Matrix]:
        """The matrices of a GPT-2's block."""
        w = self.width
        return [(w, 3 * w), (w, w), (w, 4 * w), (4 * w, w)]

    @property
    def products(self) -> list[Matrix]:
        """Those that a row meets in a step of decoding."""
        return self.layers * self.block + [(self.width, self.vocab)]

    @property
    def positions(self) -> int:
        """Positions that the blocks compute for a prompt: all but the last token drawn, which nothing follows."""
        return self.prompt + self.beams * (self.new - 1)

    @property
    def multiplications(self) -> dict[str, float]:
        """Multiply-adds a new token, each prompt shared out among its new tokens.

        ours has SwiGLU: three matrices of 8/3 the width instead of two of 4 times.
        """
        ours = [(self.width, 4 * self.width), *3 * [(self.width, _rounded(8 * self.width / 3, 32))]]
        each = {"GPT-2": self.block, "ours": ours}
        return {name: self._a_token(_cost(block)) for name, block in each.items()}

    def _a_token(self, block: int) -> float:
        return self.layers * block * self.positions / self.new + self.beams * self.width * self.vocab

    @property
    def facts(self) -> dict[str, Any]:
        """For the record."""
        return {**asdict(self), "multiplications": self.multiplications}


@dataclass(frozen=True)
class Recurrent:
    """Layers of LSTM with as wide an embedding, tied to the output, and what they are asked for."""

    layers: int
    units: int
    vocab: int
    prompt: int
    new: int

    @property
    def products(self) -> list[Matrix]:
        """Those that a row meets in a step: of each layer the input's and the state's, then the output's."""
        return 2 * self.layers * [(self.units, 4 * self.units)] + [(self.units, self.vocab)]

    @property
    def multiplications(self) -> dict[str, float]:
        """Multiply-adds a new token, the prompt's shared out among them."""
        positions = (self.prompt + self.new - 1) / self.new
        return {"ours": positions * _cost(self.products[:-1]) + self.units * self.vocab}

    @property
    def facts(self) -> dict[str, Any]:
        """For the record."""
        return {**asdict(self), "multiplications": self.multiplications}


def steps_a_token(shape: Transformer | Recurrent) -> float:
    """Steps of a row, as the limit counts them, that one new token of ours is worth in multiply-adds."""
    return shape.multiplications["ours"] / _cost(shape.products)


def _cost(products: list[Matrix]) -> int:
    return sum(map(math.prod, products))


def _rounded(number: float, to: int) -> int:
    return math.ceil(number / to) * to
