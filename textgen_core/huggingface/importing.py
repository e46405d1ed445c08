"""From a Hugging Face directory to a model directory."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textgen_core.datasets import digests
from textgen_core.datasets.manifest import Manifest, RunKey
from textgen_core.datasets.schemas import SCHEMA_VERSION
from textgen_core.datasets.stage import run_stage, write_file
from textgen_core.huggingface.card import model_card
from textgen_core.huggingface.config import CONFIG, read_config
from textgen_core.huggingface.reading import read_tensors, weight_files
from textgen_core.huggingface.settings import ImportSettings
from textgen_core.huggingface.tensors import to_ours
from textgen_core.huggingface.tokenizer import read_vocabulary, tokenizer_files
from textgen_core.models.files import write_model
from textgen_core.models.settings import Architecture
from textgen_core.progress import Progress, Update
from textgen_core.tokenization.tokenizers import TOKENIZER, dump

CODE_VERSION = 1

log = logging.getLogger(__name__)


def import_key(settings: ImportSettings) -> RunKey:
    """All that decides the model.

    Raises:
        InputError: source lacks a file, or holds no GPT-2.
    """
    source = settings.source
    read_config(source)
    files = [source / CONFIG, *weight_files(source), *tokenizer_files(source)]
    return RunKey(
        stage="import",
        code_version=CODE_VERSION,
        schema_version=SCHEMA_VERSION,
        settings=settings.canonical(),
        inputs={path.name: digests.of_file(path) for path in files},
        numerics={},
    )


def import_model(settings: ImportSettings, progress: Progress) -> Manifest:
    """Write the model directory: what is generated, scored and trained with is then as after a training.

    Raises:
        InputError: source is no GPT-2, or a damaged one.
        DatasetError: output holds another run.
    """
    key = import_key(settings)
    return run_stage(key, settings.output, lambda partial: _import(settings.source, key, partial, progress))


def _import(source: Path, key: RunKey, partial: Path, progress: Progress) -> Mapping[str, Any]:
    progress(Update("import", 0, 1, "models"))
    config, settings = read_config(source)
    vocabulary = read_vocabulary(source, config.end, config.vocab_size)
    left_out = config.vocab_size - len(vocabulary.ids)
    if left_out:
        names = f", those of {', '.join(vocabulary.added)} among them" if vocabulary.added else ""
        log.warning("%d rows of the embedding stand for no text and are left out%s", left_out, names)
    weights = to_ours(read_tensors(source, settings, config.vocab_size), settings, vocabulary.ids)
    architecture = Architecture(vocab_size=vocabulary.tokenizer.vocab_size, model=settings)
    write_model(architecture, weights, partial)
    write_file(partial / TOKENIZER, dump(vocabulary.tokenizer))
    facts = {
        "family": settings.family,
        "parameters": sum(weight.size for weight in weights.values()),
        "vocab_size": architecture.vocab_size,
        "context": settings.context,
        "left_out": left_out,
    }
    write_file(partial / "README.md", model_card(settings, facts, key).encode())
    progress(Update("import", 1, 1, "models"))
    return facts
