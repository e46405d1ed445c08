"""Log-probabilities with Gumbel noise added, on condition of what their maximum is."""

from __future__ import annotations

import math
from typing import Any

from keras import ops


def with_maximum(perturbed: Any, maximum: Any) -> Any:
    """Perturbed log-probabilities [n, m] given that the highest of each row is maximum [n].

    -log(exp(-maximum) - exp(-highest) + exp(-perturbed)), without loss in float32 (Kool et al. 2019, appendix B.3).
    Their order stays, and the highest is the maximum to the bit. -inf stays -inf; each row needs one that is not.
    """
    top = maximum[:, None]
    below = perturbed - ops.max(perturbed, axis=1, keepdims=True)
    excess = top - perturbed + _log_one_less_exp(below)
    return top - ops.relu(excess) - ops.log1p(ops.exp(-ops.abs(excess)))


def _log_one_less_exp(x: Any) -> Any:
    """log(1 - exp(x)) for x <= 0 (Mächler 2012)."""
    return ops.where(x > -math.log(2), ops.log(-ops.expm1(x)), ops.log1p(-ops.exp(x)))
