"""What a fresh model says, for its card."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.models.directory import load_model
from textgen_core.tokenization.interface import END, SEPARATOR
from textgen_core.tokenization.tokenizers import load_tokenizer
from textgen_core.training.evaluator import SIDE
from textgen_core.training.pairs import PairPlaces
from textgen_core.training.trainer import Data

SAMPLER = SamplerSettings(temperature=0.8, top_p=0.95)  # likely enough to read well, free enough not to loop
TOKENS = 120
"""Length of a sample, at most: a few lines."""


Prompt = tuple[int, ...]


def prompts_of(data: Data, count: int, context: int | None) -> list[Prompt]:
    """Token ids of count prompts: empty ones; of pairs, sources that nobody chose, held out where there are such, and
    cut to half of the context, or as the validation loss cuts them."""
    if not data.pairs or not count:
        return [(END,)] * count
    places = PairPlaces(data.validation if len(data.validation) else data.train)
    drawn = places.some(count, SIDE if context is None else context // 2)
    rows = zip(drawn.source.tolist(), drawn.lengths.tolist(), strict=True)
    return [(*source[:length], SEPARATOR) for source, length in rows]


def samples_of(directory: Path, prompts: Sequence[Prompt], device: str) -> list[tuple[str, str]]:
    """(prompt, continuation) pairs of the model in a directory."""
    if not prompts:
        return []
    model, tokenizer = load_model(directory), load_tokenizer(directory)
    room = model.max_context or TOKENS + max(map(len, prompts))
    requests = [
        Request(f"card-{n}", prompt, SAMPLER, min(TOKENS, room - len(prompt))) for n, prompt in enumerate(prompts)
    ]
    engine = Engine(model, tokenizer, [SAMPLER], lanes=1, device=device)
    done = {completion.request.key: completion.text for completion in engine.run(requests)}
    return [(tokenizer.decode(request.tokens), done[request.key]) for request in requests]
