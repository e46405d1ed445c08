"""From logits to the next token of every row of a sample. Searches go the same way with their candidates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from keras import ops

from textgen_core.decoding.drawing import draw
from textgen_core.decoding.noise import chances, uniforms
from textgen_core.decoding.processing import NEVER, Processing
from textgen_core.decoding.truncations import TRUNCATIONS

UNPROCESSED = Processing()


class Choice(NamedTuple):
    """The next token of each row, and what it was chosen from.

    Attributes:
        token: [n] int32.
        logprob: [n] the model's own natural log-probability of it.
        sound: [n] bool, whether there was a distribution to take it from.
        own: [n, vocab] the model's own log-probabilities.
        kept: [n, vocab] bool, the tokens that there were to choose from: one, where the likeliest is taken.
    """

    token: Any
    logprob: Any
    sound: Any
    own: Any
    kept: Any


def choose(
    logits: Any,
    knobs: Mapping[str, Any],
    features: tuple[str, ...],
    processing: Processing = UNPROCESSED,
    permitted: Any = None,
) -> Choice:
    """The next token of each row.

    The log-probability is the model's own, taken before anything is changed. First come the processors in the order of
    PROCESSORS, then silent tokens and what a constraint does not permit are banned, then come the truncations in the
    order of features, then the draw. Rows with ``greedy`` take the likeliest token of what is left before truncations.

    Args:
        logits: [n, vocab] float32.
        knobs: ``greedy`` bool, ``key`` uint32 [n, 2], ``drawn`` int32 and each truncation's knobs, all [n]; and what
            the processors look at.
        features: names of the truncations to apply, in their order, and ``draw`` if any row draws.
        processing: the processors to apply.
        permitted: [n, vocab] bool; None where all tokens are.
    """
    logprobs, sound = own_logprobs(logits)
    allowed = only(processing.sayable(processed(logits, logprobs, knobs, processing)), permitted)
    sound = sound & (ops.max(allowed, axis=1) > NEVER)
    token = ops.cast(ops.argmax(allowed, axis=1), "int32")
    kept = ops.arange(allowed.shape[1])[None, :] == token[:, None]
    if "draw" in features:
        left = truncated(allowed, knobs, features)
        token = ops.where(knobs["greedy"], token, draw(left, *uniforms(knobs["key"], knobs["drawn"])))
        kept = ops.where(knobs["greedy"][:, None], kept, left > NEVER)
    return Choice(token, at(logprobs, token), sound, logprobs, kept)


def processed(logits: Any, logprobs: Any, row: Mapping[str, Any], processing: Processing) -> Any:
    """Log-probabilities [n, vocab] after every processor; where all are off, those of the model bit for bit."""
    return own_logprobs(processing.apply(logits, row))[0] if processing.names else logprobs


def truncated(logprobs: Any, knobs: Mapping[str, Any], features: tuple[str, ...]) -> Any:
    """Log-probabilities [n, vocab], up to a constant a row, after every truncation that features name, in their order.

    One that is done by chance is done where ``chances`` says so; a row's chance is the same for all of its step.
    """
    for name in features:
        if (truncation := TRUNCATIONS.get(name)) is None:
            continue
        after = truncation.apply(logprobs, knobs[name])
        if truncation.chance is not None:
            happens = chances(knobs["key"], knobs["drawn"]) < knobs[truncation.chance]
            after = ops.where(happens[:, None], after, logprobs)
        logprobs = after
    return logprobs


def own_logprobs(logits: Any) -> tuple[Any, Any]:
    """Natural log-probabilities [n, vocab] (-inf is a probability of zero), and which rows [n] are distributions."""
    highest = ops.max(logits, axis=1, keepdims=True)
    shifted = logits - highest
    total = ops.log(ops.sum(ops.exp(shifted), axis=1, keepdims=True))
    return shifted - total, ops.isfinite(highest[:, 0]) & ops.isfinite(total[:, 0])


def only(logprobs: Any, permitted: Any) -> Any:
    """The same with all others banned; None permits every token."""
    return logprobs if permitted is None else ops.where(permitted, logprobs, NEVER)


def at(values: Any, index: Any) -> Any:
    """values [n, m] at index [n], as [n]."""
    return ops.squeeze(ops.take_along_axis(values, index[:, None], axis=1), axis=1)
