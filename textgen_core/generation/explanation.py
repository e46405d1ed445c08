"""The next token explained: the likeliest ones, and what each sampler would make of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from textgen_core.decoding.choosing import own_logprobs, truncated, without_pad
from textgen_core.decoding.pool import Pool, Prompted
from textgen_core.decoding.programs import CHUNK, Programs
from textgen_core.decoding.request import Request
from textgen_core.decoding.sampling import Sampling, features_of
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.decoding.shapes import capacity_class, prompt_bucket
from textgen_core.decoding.truncations.top_k import top_k
from textgen_core.generation.preview import request_for
from textgen_core.generation.settings import GenerationOptions
from textgen_core.models.interface import LanguageModel
from textgen_core.tokenization.interface import END, Tokenizer


@dataclass(frozen=True, slots=True)
class Candidate:
    """A token that might come next.

    Attributes:
        text: what it says; "" is the end of the text.
        probability: the model's own.
        after: its probability after each sampler's truncations, by the sampler's name; 0 where it was dropped.
    """

    token: int
    text: str
    probability: float
    after: dict[str, float]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What may come after a prompt.

    Attributes:
        candidates: the likeliest tokens, the likeliest first.
        kept: how many tokens each sampler keeps.
        mass: the model's own probability of all that each sampler keeps.
    """

    candidates: list[Candidate]
    kept: dict[str, int]
    mass: dict[str, float]


def explain(
    model: LanguageModel,
    tokenizer: Tokenizer,
    prompt: str,
    samplers: Mapping[str, SamplerSettings],
    count: int = 10,
    device: str = "cpu",
) -> Explanation:
    """The count likeliest next tokens, and what each sampler would make of them."""
    greedy = SamplerSettings(strategy="greedy")
    request = request_for(model, tokenizer, prompt, GenerationOptions(samplers={"greedy": greedy}, max_new_tokens=1))
    logprobs = own_logprobs(_next_logits(model, request, device))[0]
    own = np.exp(np.asarray(logprobs, np.float64)[0])
    after = {name: _after(replace(request, sampler=sampler), logprobs) for name, sampler in samplers.items()}
    candidates = [
        Candidate(
            token=token,
            text=tokenizer.decode([token]),
            probability=float(own[token]),
            after={name: float(probabilities[token]) for name, probabilities in after.items()},
        )
        for token in np.argsort(-own, kind="stable")[:count].tolist()
    ]
    kept = {name: probabilities > 0 for name, probabilities in after.items()}
    return Explanation(
        candidates=candidates,
        kept={name: int(tokens.sum()) for name, tokens in kept.items()},
        mass={name: float(own[tokens].sum()) for name, tokens in kept.items()},
    )


def remade(probabilities: np.ndarray[Any, Any], sampler: SamplerSettings) -> np.ndarray[Any, Any]:
    """Probabilities [vocab] as a sampler draws from them; of one that doesn't draw, what it chooses from."""
    with np.errstate(divide="ignore"):
        logprobs = np.log(probabilities)[None].astype(np.float32)
    return _after(Request(key="", tokens=(END,), sampler=sampler, max_new_tokens=1), logprobs)


def _next_logits(model: LanguageModel, request: Request, device: str) -> Any:
    """[1, vocab] after the prompt."""
    length, limit = len(request.tokens), model.max_context
    capacity, bucket = capacity_class(length, request.max_new_tokens, limit), prompt_bucket(length, limit)
    pool = Pool([Prompted(request.tokens, capacity, bucket, [])], Programs(model, device, CHUNK))
    return pool.rows["logits"][:1]


def _after(request: Request, logprobs: Any) -> np.ndarray[Any, Any]:
    """Probabilities [vocab] from which the sampler draws; of those that don't draw, what they choose from."""
    allowed = without_pad(logprobs)
    sampler = request.sampler
    if not sampler.draws:
        allowed = top_k(allowed, np.array([sampler.beams if sampler.strategy == "beam" else 1], np.int32))
    features = tuple(features_of(sampler))
    left = np.asarray(truncated(allowed, Sampling(features).fresh([request]), features), np.float64)[0]
    weights = np.exp(left - left.max())
    return np.asarray(weights / weights.sum())
