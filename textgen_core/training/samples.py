"""What a fresh model says, for its card."""

from __future__ import annotations

from pathlib import Path

from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.models.directory import load_model
from textgen_core.tokenization.interface import END
from textgen_core.tokenization.tokenizers import load_tokenizer

SAMPLER = SamplerSettings(temperature=0.8, top_p=0.95)  # likely enough to read well, free enough not to loop
TOKENS = 120
"""Length of a sample, at most: a few lines."""


def samples_of(directory: Path, count: int, device: str) -> list[tuple[str, str]]:
    """(prompt, continuation) pairs of the model in a directory, all from the empty prompt."""
    if count == 0:
        return []
    model = load_model(directory)
    budget = min(TOKENS, (model.max_context or TOKENS + 1) - 1)
    requests = [Request(f"card-{n}", (END,), SAMPLER, budget) for n in range(count)]
    engine = Engine(model, load_tokenizer(directory), [SAMPLER], lanes=1, device=device)
    return [("", done.text) for done in sorted(engine.run(requests), key=lambda done: done.request.key)]
