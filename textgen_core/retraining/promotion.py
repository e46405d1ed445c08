"""Whether a new model takes the champion's place: only if it is better by a margin."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from textgen_core.datasets.manifest import read_manifest
from textgen_core.registry import keep_champion, promote, read_registry, resolve_model

Action = Literal["promoted", "kept champion", "nothing new"]


class Outcome(BaseModel):
    """How a round ended."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Action
    champion: str
    """Model directory of whoever is champion now."""
    reason: str
    figures: dict[str, float]
    """What the decision was made from; empty where nothing was compared."""


def decide(home: Path, margin: float, recipe: dict[str, str], model: Path | None, challenge: Path | None) -> Outcome:
    """Note in the registry what becomes of the model that was made.

    Args:
        home: the registry.
        margin: bits per character by which the model must be better.
        recipe: digests of what it was made from.
        model: its directory; None where nothing was new.
        challenge: the comparison with the champion; None where there is no champion yet.
    """
    if model is None:
        return _outcome("nothing new", home, f"v{read_registry(home).versions[-1].number} was made from the same")
    if challenge is None:
        promote(home, model, recipe, "the first model", {})
        return _outcome("promoted", home, "the first model")
    figures = {name: float(value) for name, value in read_manifest(challenge).facts.items()}
    better = figures["gain"] >= margin
    how = "better" if figures["gain"] > 0 else "worse"
    reason = f"{how} by {abs(figures['gain']):.4f} bits per character; better by {margin:g} is asked for"
    (promote if better else keep_champion)(home, model, recipe, reason, figures)
    return _outcome("promoted" if better else "kept champion", home, reason, figures)


def _outcome(action: Action, home: Path, reason: str, figures: dict[str, float] | None = None) -> Outcome:
    return Outcome(action=action, champion=str(resolve_model("champion", home)), reason=reason, figures=figures or {})
