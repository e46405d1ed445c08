"""Where a training stands, apart from its weights: what a checkpoint must hold so that nothing is lost or doubled."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Run(BaseModel):
    """Written by the callbacks, each its own fields; saved with every checkpoint."""

    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="constants")

    step: int = 0
    """Optimizer steps done."""
    seconds: float = 0.0
    """Training time so far, interruptions left out."""
    stepping: float = 0.0
    """Seconds of it spent in steps: compiling and evaluating left out."""
    stepped: int = 0
    """Steps made in that time."""
    losses: list[float] = []
    """Training losses of the steps made since the last row of history was written."""
    weights: list[float] = []
    """How much each of these counts."""
    history: list[dict[str, Any]] = []
    """Rows of the history dataset."""
    best_loss: float | None = None
    """The lowest validation loss so far."""
    best_step: int = 0
    """The step at which that lowest loss was measured."""
    stale: int = 0
    """Evaluations made since best_step, none of which was better."""
    stopped: bool = False
    """Whether early stopping has ended the training."""

    @property
    def steps_per_second(self) -> float:
        """The pace of steps alone."""
        return self.stepped / self.stepping if self.stepping > 0 else 0.0
