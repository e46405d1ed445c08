"""A model on disk: config.json (ours, validated) and model.safetensors. Nothing in it is ever executed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from textgen_core.datasets.stage import write_file
from textgen_core.errors import DatasetError
from textgen_core.models.config import CONFIG, WEIGHTS, first_line, read_config
from textgen_core.models.families import build_model
from textgen_core.models.interface import LanguageModel
from textgen_core.models.settings import Architecture, ModelSettings


def weight_name(path: str) -> str:
    """A weight's name on disk: its Keras path without the model's own name, e.g. ``lstm_0/kernel``."""
    return path.split("/", 1)[1]


def save_model(model: LanguageModel, settings: ModelSettings, directory: Path) -> None:
    """Write config.json and model.safetensors (float32; of an n-gram also uint32), each whole or not at all."""
    config = Architecture(vocab_size=model.vocab_size, model=settings)
    weights = {weight_name(weight.path): np.ascontiguousarray(weight.numpy()) for weight in model.weights}
    write_file(directory / WEIGHTS, save(weights))
    write_file(directory / CONFIG, config.model_dump_json(indent=1).encode())


def load_model(directory: Path, dtype: str = "float32") -> LanguageModel:
    """The model that a training directory holds.

    Raises:
        DatasetError: a file is missing, damaged, or the weights don't fit the configuration.
    """
    config = read_config(directory)
    model = build_model(config.model, config.vocab_size, dtype)
    load_weights(model, directory)
    return model


def load_weights(model: LanguageModel, directory: Path) -> None:
    """Put the weights of a directory into a model of the same architecture.

    Raises:
        DatasetError: the file is missing or damaged, or names or shapes differ.
    """
    path = directory / WEIGHTS
    try:
        weights = load_file(path)
    except (OSError, SafetensorError) as error:
        raise DatasetError(
            "model.safetensors must be readable", f"{path}: {first_line(error)}", "Restore it, or train again"
        ) from None
    try:
        put_weights(model, weights)
    except ValueError as error:
        raise DatasetError(
            "weights must fit the configuration",
            f"{path}: {error}",
            "Restore the pair of config.json and model.safetensors, or train again",
        ) from None


def put_weights(model: LanguageModel, weights: Mapping[str, np.ndarray]) -> None:
    """Give a model its weights by their names on disk.

    Raises:
        ValueError: names or shapes differ.
    """
    if not model.built:  # an n-gram's tables are as large as its corpus made them
        model.build({name: array.shape for name, array in weights.items()})
    expected = {weight_name(weight.path): tuple(weight.shape) for weight in model.weights}
    found = {name: array.shape for name, array in weights.items()}
    if expected != found:
        raise ValueError(_mismatch(expected, found))
    for weight in model.weights:
        weight.assign(weights[weight_name(weight.path)])


def _mismatch(expected: dict[str, tuple[int, ...]], found: dict[str, tuple[int, ...]]) -> str:
    names = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    return f"{names[0]} is {found.get(names[0], 'absent')}, expected {expected.get(names[0], 'absent')}"
