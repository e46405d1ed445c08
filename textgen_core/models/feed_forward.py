"""What a Transformer's feed-forward does between its two matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from keras import ops


class Activation(NamedTuple):
    """How the first matrix is called, how many times the inner width it is wide, and what becomes of its outputs."""

    matrix: str
    parts: int
    apply: Callable[[Any], Any]


def swiglu(x: Any) -> Any:
    """SwiGLU (Shazeer 2020): of x [.., 2 k], the second half, gated by the SiLU of the first: [.., k]."""
    gate, up = ops.split(x, 2, axis=-1)
    return ops.silu(gate) * up


def gelu(x: Any) -> Any:
    """GELU (Hendrycks & Gimpel 2016) of x, by their approximation with tanh, as GPT-2 has it."""
    return ops.gelu(x, approximate=True)


ACTIVATIONS = {"swiglu": Activation("gate_up", 2, swiglu), "gelu": Activation("up", 1, gelu)}
"""By the name in TransformerSettings."""
