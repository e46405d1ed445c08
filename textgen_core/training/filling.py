"""What was not said of a training, filled in from its preset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from textgen_core.training.pair_presets import PAIR_PRESETS
from textgen_core.training.presets import PRESETS

ADAMW_RATE = 0.3
"""Of a rate for Muon, that which suits AdamW: of a Transformer 1e-2 and 3e-3 are the best ones."""
USUAL = {"optimizer": "adamw"}
"""What holds where a preset says nothing else."""
WHOLE: TypeAdapter[int] = TypeAdapter(int)
NONE_IS_SAID = ("patience", "warm_start")
"""Where None is a value as good as others. Elsewhere it means that nothing was said."""


def with_preset(values: dict[str, Any], start: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The values with the preset's in the places of absent ones and of None.

    ``preset`` and ``model.family`` choose; an unknown one is left for validation to refuse.

    Args:
        values: what was said.
        start: settings of the model to go on from, which stand in the places of the preset's model.
    """
    model = _plain(values.get("model"))
    family = model.setdefault("family", start["family"] if start else "rnn")
    starts = USUAL | PRESETS.get(str(values.get("preset") or "small"), {}).get(str(family), {})
    given = {name: value for name, value in values.items() if value is not None or name in NONE_IS_SAID}
    base = start if start and start["family"] == family else starts.get("model", {})
    filled = {**starts, **given, "model": {**base, **model}}
    if "learning_rate" in starts and "learning_rate" not in given:
        filled["learning_rate"] = _rate_by(filled["optimizer"], starts)
    if "window" in starts and "window" not in given:
        context = _whole(filled["model"].get("context"))
        sides = 2 if family in PAIR_PRESETS["small"] else 1  # windows that the context has to hold
        filled["window"] = starts["window"] if context is None else min(starts["window"], max(2, context // sides))
    if "warmup" in starts and "warmup" not in given and (steps := _whole(filled["steps"])) is not None:
        filled["warmup"] = warmup_within(steps, starts["warmup"])
    return filled


def warmup_within(steps: int, warmup: int) -> int:
    """The warmup, or a quarter of the steps where that is less: what is short must learn at the highest rate, too."""
    return min(warmup, steps // 4)


def _rate_by(optimizer: Any, starts: Mapping[str, Any]) -> float:
    """The preset's rate, as this optimizer wants it."""
    rate: float = starts["learning_rate"]
    if optimizer == starts["optimizer"]:
        return rate
    return rate * ADAMW_RATE if optimizer == "adamw" else rate / ADAMW_RATE


def _whole(value: Any) -> int | None:
    """As validation will read it, "400" as 400; None for what it will refuse."""
    try:
        return WHOLE.validate_python(value)
    except ValidationError:
        return None


def _plain(model: Any) -> dict[str, Any]:
    """What was said of the model: of a settings object only the fields that were set."""
    if hasattr(model, "model_dump"):
        return {"family": model.family, **model.model_dump(exclude_unset=True)}
    if model is not None and not isinstance(model, Mapping):
        raise ValueError(f"model must be a mapping of settings, not {model!r:.80}")
    return dict(model or {})
