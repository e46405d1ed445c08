"""From a model directory to one that Hugging Face transformers loads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.numpy import save

from textgen_core.datasets.inputs import digest_of
from textgen_core.datasets.manifest import Manifest, RunKey, stage_directory
from textgen_core.datasets.schemas import SCHEMA_VERSION
from textgen_core.datasets.stage import run_stage, write_file
from textgen_core.errors import DatasetError
from textgen_core.huggingface.config import CONFIG, TRAIN_ONE, check_is_gpt2, config_of
from textgen_core.huggingface.reading import WEIGHTS
from textgen_core.huggingface.settings import ExportSettings
from textgen_core.huggingface.tensors import to_theirs
from textgen_core.huggingface.tokenizer import END_OF_TEXT, TOKENIZER, document_of, ids_of
from textgen_core.models.config import MODEL_FILES, read_config
from textgen_core.models.files import read_weights
from textgen_core.models.settings import TransformerSettings
from textgen_core.progress import Progress, Update
from textgen_core.tokenization.subword import SubwordTokenizer
from textgen_core.tokenization.tokenizers import load_tokenizer

CODE_VERSION = 1


def export_key(settings: ExportSettings) -> RunKey:
    """All that decides what is written.

    Raises:
        DatasetError: model is no finished model directory, holds no GPT-2, or its tokenizer is no bpe.
    """
    home = stage_directory(settings.model)
    digest = digest_of(home, *MODEL_FILES)
    _transformer(home)
    _bpe(home)
    return RunKey(
        stage="export",
        code_version=CODE_VERSION,
        schema_version=SCHEMA_VERSION,
        settings=settings.canonical(),
        inputs={"model": digest},
        numerics={},
    )


def export_model(settings: ExportSettings, progress: Progress) -> Manifest:
    """Write config.json, model.safetensors, tokenizer.json and tokenizer_config.json.

    Raises:
        DatasetError: the model is no GPT-2, its tokenizer no bpe, or output holds another run.
    """
    home = stage_directory(settings.model)
    return run_stage(export_key(settings), settings.output, lambda partial: _export(home, partial, progress))


def _export(home: Path, partial: Path, progress: Progress) -> Mapping[str, Any]:
    progress(Update("export", 0, 1, "models"))
    model, tokenizer = _transformer(home), _bpe(home)
    ids = ids_of(tokenizer)
    config = config_of(model, len(ids))
    special = dict.fromkeys(("bos_token", "eos_token", "unk_token"), END_OF_TEXT)
    options = {"tokenizer_class": "GPT2Tokenizer", "model_max_length": model.context, **special}
    tensors = to_theirs(read_weights(home), model, ids)
    whole = {_prefixed(name): tensor.copy(order="C") for name, tensor in tensors.items()}
    write_file(partial / WEIGHTS, save(whole, {"format": "pt"}))  # transformers refuses files that don't say so
    for name, document in {
        CONFIG: config,
        TOKENIZER: document_of(tokenizer),
        "tokenizer_config.json": options,
    }.items():
        write_file(partial / name, (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode())
    progress(Update("export", 1, 1, "models"))
    return {"parameters": sum(tensor.size for tensor in whole.values()), "vocab_size": len(ids)}


def _prefixed(name: str) -> str:
    """As GPT2LMHeadModel calls it."""
    return name if name.startswith("lm_head.") else f"transformer.{name}"


def _transformer(home: Path) -> TransformerSettings:
    config = read_config(home)
    if config.pairs:
        raise DatasetError(
            "a GPT-2 has no token that parts a source from its target",
            f"{home}: a model of pairs",
            "Train one on tokens that `textgen tokenize` made without `--pairs`",
        )
    if not isinstance(config.model, TransformerSettings):
        raise DatasetError(
            "only a Transformer can be exported as a GPT-2",
            f"{home}: {config.model.label}",
            TRAIN_ONE,
        )
    check_is_gpt2(config.model)
    return config.model


def _bpe(home: Path) -> SubwordTokenizer:
    tokenizer = load_tokenizer(home)
    if not isinstance(tokenizer, SubwordTokenizer) or tokenizer.algorithm != "bpe":
        raise DatasetError(
            "a GPT-2's tokenizer is byte-level BPE",
            f"{home}: {tokenizer.kind}",
            "Train with `textgen tokenize --tokenizer subword --algorithm bpe`",
        )
    return tokenizer
