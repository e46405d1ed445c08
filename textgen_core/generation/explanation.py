"""The next token explained: the likeliest ones, and what each sampler would make of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from textgen_core.decoding.choosing import own_logprobs, processed, truncated
from textgen_core.decoding.pool import Pool, Prompted
from textgen_core.decoding.processing import Processing, processors_of
from textgen_core.decoding.programs import CHUNK, Programs
from textgen_core.decoding.request import Request
from textgen_core.decoding.sampling import Sampling, features_of, in_order
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.decoding.shapes import capacity_class, prompt_bucket
from textgen_core.decoding.truncations import TRUNCATIONS
from textgen_core.decoding.truncations.top_k import top_k
from textgen_core.decoding.vocabulary import Vocabulary
from textgen_core.generation.preview import request_for
from textgen_core.generation.settings import GenerationOptions
from textgen_core.models.interface import LanguageModel
from textgen_core.tokenization.byte import ByteTokenizer
from textgen_core.tokenization.interface import END, Tokenizer


@dataclass(frozen=True, slots=True)
class Candidate:
    """A token that might come next.

    Attributes:
        text: what it says; "" is the end of the text.
        probability: the model's own.
        after: its probability after each sampler's processors and truncations, by its name; 0 where it was dropped.
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
    prefix: str = "",
) -> Explanation:
    """The count likeliest next tokens (of a model of pairs after prefix), and what each sampler would make of them."""
    options = GenerationOptions(samplers={"greedy": SamplerSettings(strategy="greedy")}, max_new_tokens=1)
    request = request_for(model, tokenizer, prompt, options, prefix)
    logits = _next_logits(model, request, device)
    own = np.exp(np.asarray(own_logprobs(logits)[0], np.float64)[0])
    vocabulary = Vocabulary(tokenizer, len(own))
    after = {name: _after(replace(request, sampler=s), logits, vocabulary) for name, s in samplers.items()}
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
    request = Request(key="", tokens=(END,), sampler=sampler, max_new_tokens=1)
    return _after(request, logprobs, Vocabulary(ByteTokenizer(), len(probabilities)))


def _next_logits(model: LanguageModel, request: Request, device: str) -> Any:
    """[1, vocab] after the prompt."""
    length = len(request.tokens)
    capacity = capacity_class(length, request.max_new_tokens, model.grows)
    bucket = prompt_bucket(length, model.max_context)
    pool = Pool([Prompted(request.tokens, capacity, bucket, [])], Programs(model, device, CHUNK))
    return pool.rows["logits"][:1]


def _after(request: Request, logits: Any, vocabulary: Vocabulary) -> np.ndarray[Any, Any]:
    """Probabilities [vocab] from which the sampler draws; of those that don't draw, what they choose from."""
    sampler = request.sampler
    processing = Processing.of(request, processors_of(sampler), 0, vocabulary)
    row = processing.fresh([request], vocabulary) | {"drawn": np.zeros(1, np.int32)}
    allowed = processing.sayable(processed(logits, own_logprobs(logits)[0], row, processing))
    if not sampler.draws:
        allowed = top_k(allowed, np.array([sampler.beams if sampler.strategy == "beam" else 1], np.int32))
    features = in_order(features_of(sampler), sampler)
    knobs = Sampling(features).fresh([request], vocabulary)
    mixed = np.zeros(allowed.shape[1])
    for weight, certain in _outcomes(sampler, features):
        left = np.asarray(truncated(allowed, knobs | certain, features), np.float64)[0]
        weights = np.exp(left - left.max())
        mixed += weight * weights / weights.sum()
    return mixed


def _outcomes(sampler: SamplerSettings, features: tuple[str, ...]) -> Iterator[tuple[float, dict[str, Any]]]:
    """What may come of the truncations that are done by chance: how probable it is, and knobs that make sure of it."""
    names = [t.chance for name, t in TRUNCATIONS.items() if name in features and t.chance is not None]
    for happens in product((0.0, 1.0), repeat=len(names)):
        chances = zip(happens, (getattr(sampler, name) for name in names), strict=True)
        weight = math.prod(chance if done else 1 - chance for done, chance in chances)
        yield weight, {name: np.array([done], np.float32) for name, done in zip(names, happens, strict=True)}
