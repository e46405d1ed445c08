"""What truncations measure a row by: its own log-probabilities and their entropy."""

from __future__ import annotations

from typing import Any

from keras import ops


def normalised(logprobs: Any) -> Any:
    """Log-probabilities [n, vocab] of what is left, so that the probabilities of each row sum to one."""
    return logprobs - ops.logsumexp(logprobs, axis=1, keepdims=True)


def entropy(logprobs: Any) -> Any:
    """In nats [n], of normalised log-probabilities [n, vocab]; a token without probability adds nothing."""
    return -ops.sum(weighted(ops.exp(logprobs), logprobs), axis=1)


def weighted(weights: Any, logprobs: Any) -> Any:
    """weights * logprobs [n, vocab], zero where a weight is zero and the log-probability -inf."""
    return ops.where(weights > 0, weights * logprobs, ops.zeros_like(weights))
