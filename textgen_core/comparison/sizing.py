"""A model of so many weights: its width, found by arithmetic."""

from __future__ import annotations

from textgen_core.errors import SettingsError
from textgen_core.models.settings import ModelSettings, NgramSettings
from textgen_core.models.shapes import WIDEST
from textgen_core.models.sizes import size_of


def sized(model: ModelSettings, vocab_size: int, weights: int) -> ModelSettings:
    """The same architecture at the width that comes nearest to so many weights, tables of tokens included.

    Raises:
        SettingsError: even the narrowest has twice as many, or the widest half as many.
    """
    step = _step(model)
    low, high = 1, WIDEST // step
    while low < high:  # the narrowest that has at least as many
        middle = (low + high) // 2
        if _weights(widened(model, middle * step), vocab_size) < weights:
            low = middle + 1
        else:
            high = middle
    widths = [width * step for width in (low - 1, low) if width > 0]
    best = min((widened(model, width) for width in widths), key=lambda each: _away(each, vocab_size, weights))
    found = _weights(best, vocab_size)
    if not weights / 2 < found < weights * 2:
        raise SettingsError(
            f"a model of {weights:,} weights must be possible",
            f"{model.family} over {vocab_size:,} tokens, which has {found:,} where it comes nearest",
            "Choose another size, a smaller vocabulary, or other layers",
        )
    return best


def bearable(learning_rate: float, known: ModelSettings, sized: ModelSettings) -> float:
    """The rate for a model of another width than the one that a rate is known to suit.

    Adam's steps are as large for every weight, and a unit sums over as many as there are units: so the rate that a
    wider model bears falls as its width grows (Yang et al. 2021, "Tensor Programs V"); it is cut alike for Muon, whose
    steps of a wide matrix are rather small ones then. A narrower one keeps what is known.
    """
    before, after = (int(getattr(model, _width_setting(model))) for model in (known, sized))
    return learning_rate * min(1.0, before / after)


def widened(model: ModelSettings, width: int) -> ModelSettings:
    """The same architecture at another width, in so far as it is checked like any settings."""
    return type(model).model_validate({**model.model_dump(), _width_setting(model): width})


def _width_setting(model: ModelSettings) -> str:
    assert not isinstance(model, NgramSettings), "what is counted has no width"
    return model.width_setting


def _step(model: ModelSettings) -> int:
    """What widths are multiples of: of two, for what has two halves or directions, and of that for each head."""
    return 2 * int(getattr(model, "heads", 1))


def _weights(model: ModelSettings, vocab_size: int) -> int:
    weights = size_of(model, vocab_size).parameters
    assert weights is not None, "what is counted has no size to choose"
    return weights


def _away(model: ModelSettings, vocab_size: int, weights: int) -> int:
    return abs(_weights(model, vocab_size) - weights)
