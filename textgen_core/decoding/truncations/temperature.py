"""Temperature."""

from __future__ import annotations

from typing import Any


def temperature(logprobs: Any, knob: Any) -> Any:
    """Divide by knob [n] > 0 (zero is another strategy: greedy)."""
    return logprobs / knob[:, None]
