"""Human text in the form of generations, so that it is measured as they are: as long at most, and read by the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from textgen_core.datasets import digests
from textgen_core.datasets.inputs import digest_of
from textgen_core.datasets.manifest import Manifest, RunKey, stage_directory
from textgen_core.datasets.schemas import GENERATIONS, SCHEMA_VERSION
from textgen_core.datasets.stage import run_stage
from textgen_core.errors import SettingsError
from textgen_core.frontier.settings import HUMAN, ReferenceSettings
from textgen_core.generation.formats import check_seed_file
from textgen_core.generation.stage import model_id
from textgen_core.models.config import MODEL_FILES, read_config
from textgen_core.numerics import numerics, wording
from textgen_core.progress import Counter, Progress

if TYPE_CHECKING:
    from textgen_core.frontier.human import Written
    from textgen_core.tokenization.interface import Tokenizer

CODE_VERSION = 4
CHARACTERS_A_TOKEN = 40
"""No tokenizer's tokens are longer on average: what follows a prompt is looked at no further than that."""


class Reading(NamedTuple):
    """A prompt and a human continuation in tokens."""

    prompt: list[int]
    tokens: list[int]
    ended: bool
    """Whether the document ends with it."""
    cut: bool
    """Whether the prompt was longer than the model's room."""


def check_continues(model: Path) -> None:
    """Raise SettingsError for a model of pairs, whose targets are not what follows a prompt in a document."""
    if read_config(stage_directory(model)).pairs:
        raise SettingsError(
            "a frontier is measured against what people wrote after a prompt",
            f"{model}, a model of pairs",
            "Generate with several samplers (`--sampler`, repeated) and compare their metrics",
        )


def reference_key(settings: ReferenceSettings) -> RunKey:
    """All that decides the human text and what the model says of it.

    Raises:
        InputError: the seed file is missing.
        DatasetError: the model or the corpus is no finished directory.
    """
    check_seed_file(settings.seeds)
    return RunKey(
        stage="reference",
        code_version=CODE_VERSION,
        schema_version=SCHEMA_VERSION,
        settings=settings.canonical(),
        inputs={
            "model": digest_of(stage_directory(settings.model), *MODEL_FILES),
            "seeds": digests.of_file(settings.seeds),
            "documents": digest_of(stage_directory(settings.corpus), "documents"),
        },
        numerics=numerics(settings.device) | wording(),
    )


def refer(settings: ReferenceSettings, progress: Progress) -> Manifest:
    """Write human text into generations/, under the sampler ``human``.

    Raises:
        InputError: the seeds can't be used, or there is no held-out text.
        DatasetError: an input is missing or damaged.
        SettingsError: the model is one of pairs.
    """
    check_continues(settings.model)
    return run_stage(reference_key(settings), settings.output, lambda partial: _refer(settings, partial, progress))


def _refer(settings: ReferenceSettings, partial: Path, progress: Progress) -> Mapping[str, Any]:
    from textgen_core.datasets.parts import PartWriter
    from textgen_core.frontier.human import apart, written
    from textgen_core.tokenization.tokenizers import load_tokenizer

    home = stage_directory(settings.model)
    prompts, texts = written(settings)
    tokenizer = load_tokenizer(home)
    readings, logprobs = _read(settings, texts, tokenizer, progress)
    spoken = [tokenizer.decode(reading.tokens) for reading in readings]
    kept = apart(texts, [len(text) for text in spoken])
    model = model_id(home)
    rows = [
        {
            "seed_id": texts[place].seed_id,
            "sample_index": 0,
            "sampler": HUMAN,
            "prompt": texts[place].prompt,
            "text": spoken[place],
            "token_ids": readings[place].tokens,
            "n_tokens": len(readings[place].tokens),
            "logprob": logprobs[place],
            "finish_reason": "end" if readings[place].ended else "length",
            "prompt_cut": readings[place].cut,
            "model_id": model,
        }
        for place in kept
    ]
    with PartWriter(partial / "generations" / "part-00000.parquet", GENERATIONS) as part:
        part.write(rows)
    return {
        "rows": len(rows),
        "prompts": prompts,
        "tokens": sum(len(readings[place].tokens) for place in kept),
        "overlapping": len(texts) - len(kept),
    }


def _read(
    settings: ReferenceSettings, texts: Sequence[Written], tokenizer: Tokenizer, progress: Progress
) -> tuple[list[Reading], list[float]]:
    """The texts in tokens, and the natural log-probability of each under the model, its end included if it ended."""
    from textgen_core.evaluation.reading import ModelReader
    from textgen_core.evaluation.scoring import token_logprobs
    from textgen_core.models.backend import on_device, prepare_device
    from textgen_core.models.directory import load_model
    from textgen_core.tokenization.pairs import as_text

    heard = [text._replace(prompt=as_text(text.prompt)) for text in texts] if settings.pairs else texts
    with on_device(prepare_device(settings.device)):
        reader = ModelReader(load_model(stage_directory(settings.model)))
        readings = tokenized(heard, tokenizer, settings.max_new_tokens, reader.max_context)
        total = sum(len(reading.prompt) + len(reading.tokens) + 1 for reading in readings)
        sequences = [reading.prompt + reading.tokens for reading in readings]
        found = token_logprobs(reader, sequences, advance=Counter(progress, "human text", total, "tokens"))
    sums = []
    for reading, logprobs in zip(readings, found, strict=True):
        counted = logprobs[len(reading.prompt) :] if reading.ended else logprobs[len(reading.prompt) : -1]
        sums.append(float(counted.sum(dtype="float64")))
    return readings, sums


def tokenized(texts: Sequence[Written], tokenizer: Tokenizer, budget: int, max_context: int | None) -> list[Reading]:
    """The texts as generation would have made them: prompts cut to the model's room, continuations to the budget."""
    room = 2**31 if max_context is None else max(0, max_context - budget - 1)
    prompts = tokenizer.encode([text.prompt for text in texts])
    following = tokenizer.encode([text.following[: CHARACTERS_A_TOKEN * (budget + 1)] for text in texts])
    return [
        Reading(prompt[max(0, len(prompt) - room) :], tokens[:budget], len(tokens) < budget, len(prompt) > room)
        for prompt, tokens in zip(prompts, following, strict=True)
    ]
