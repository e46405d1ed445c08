"""The columns of generations that are written on request."""

from __future__ import annotations

from typing import Any

from textgen_core.decoding.request import Completion
from textgen_core.decoding.telemetry import in_loop


def told(completion: Completion) -> dict[str, Any]:
    """Log-probabilities token by token, and how the continuation was chosen; that is not known of a beam search."""
    told: dict[str, Any] = {"token_logprobs": completion.logprobs, "in_loop": in_loop(completion.tokens)}
    if (telemetry := completion.telemetry) is not None:
        told |= {
            "mean_entropy": telemetry.entropy,
            "mean_candidates": telemetry.candidates,
            "mean_mass_cut": telemetry.mass_cut,
        }
    return told


def alternatives(completion: Completion) -> dict[str, Any]:
    """The likeliest tokens beside each token."""
    if completion.telemetry is None or not completion.telemetry.alternatives:
        return {}
    pairs = completion.telemetry.alternatives
    return {"alternatives": [[{"token_id": id, "logprob": logprob} for id, logprob in token] for token in pairs]}
